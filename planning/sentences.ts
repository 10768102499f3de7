import type { LoginHolder } from '../model/candidate.ts';
import type { ChangeKind } from '../model/change.ts';
import { parsePath } from '../model/scim-path.ts';
import type { Settings } from '../model/settings.ts';
import type { Problem, ScimUser } from '../model/user.ts';
import type { Evidence, SameAccount } from './evidence.ts';

/** How many names a sentence lists before it only counts the rest. */
const NAMED = 4;

/** `title`, `title and manager`, `title, department and manager`, `a, b, c, d and 3 more`. */
export function listing(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, NAMED);
  const tail = unique.length > NAMED ? `${unique.length - NAMED} more` : shown.pop();
  return shown.length === 0 ? (tail ?? '') : `${shown.join(', ')} and ${tail}`;
}

/** A path as people say it: without schema, an item by its selector's value alone (`phoneNumbers[work]`). */
export function nameOf(text: string): string {
  const path = parsePath(text);
  if (path === null) return text;
  const selector = path.selector === null ? '' : `[${path.selector.value}]`;
  return `${path.attribute}${selector}${path.sub === null ? '' : `.${path.sub}`}`;
}

/** Why an entry cannot be used; names attributes and problems, never values. */
export function invalidEntry(problems: readonly Problem[]): string {
  const found = problems.map(({ attribute, problem }) => `${nameOf(attribute)}: ${problem}`);
  const why = found.length === 0 ? '' : ` (${listing(found)})`;
  return `The directory entry cannot be used${why}; correct it in the directory and a later run takes it up.`;
}

/** Who holds a login, what tells the two people apart where that is known, and what to do about it. */
export function loginTaken(holder: LoginHolder, seen: Evidence | null = null): string {
  const name = `${nameOfHolder(holder)}${clues(seen)}`;
  if (holder.via === 'desired') {
    return `${name} has or wants the same login in the directory; give one of the two another login there.`;
  }
  if (holder.via === 'inventory') {
    const state = holder.active ? 'user' : 'inactive user';
    return `The login belongs to ${name}, a Genesys Cloud ${state} that Rollcall does not manage; change the login of one of the two.`;
  }
  if (holder.via === 'external id') {
    return `The external id that this person shall get belongs to ${name}, whom Rollcall manages and who keeps it, or whose user is not the one that has the login; change what it is made of for one of the two in the directory, or the login.`;
  }
  return holder.active
    ? `The login belongs to ${name}, whom Rollcall manages; change the login of one of the two in the directory.`
    : `The login belongs to ${name}, a deactivated user that Rollcall manages; change the login of that user, or the one in the directory.`;
}

export function nameOfHolder({ displayName, genesysId, anchor }: LoginHolder): string {
  return displayName || genesysId || anchor || 'somebody unnamed';
}

/** The second look at who has the login could not be made. */
export function loginUnproved(holder: LoginHolder, seen: Evidence | null = null): string {
  return `The login belongs to ${nameOfHolder(holder)}${clues(seen)}, whose entry was not read and could not be proved to be gone; a later run decides.`;
}

/** Genesys Cloud refused a login or an external id because of somebody whom this run did not know. */
export function conflictWith(name: string, isManaged: boolean): string {
  const who = `The login or an external id belongs to ${name}`;
  return isManaged
    ? `${who}, whom Rollcall manages; the next full run compares both and says what is in the way.`
    : `${who}, a Genesys Cloud user whom Rollcall does not manage; the next full run takes that user over, or says what is in the way.`;
}

/** Who has the login is protected. */
export function loginProtected(name: string): string {
  return `The login belongs to ${name}, who is protected by target.protect; give this person another login in the directory.`;
}

/** Who has the login gets another one in this plan. */
export function loginComesFrom(name: string): string {
  return `the login comes from ${name || 'somebody unnamed'}, who gets another one first`;
}

/** Who has the login was to get another one in this plan, and does not. */
export function loginAwaited(name: string): string {
  return `The login belongs to ${name || 'somebody unnamed'}, who is to get another one but does not in this run, because that change is parked or waits for approval; a later run takes it up.`;
}

/** Several people give their logins on to one another, and no user among them can be given another one meanwhile. */
export function loginCircle(name: string): string {
  return `The login belongs to ${name || 'somebody unnamed'}, who gives it away in a circle of people who all return at once; give one of them another login in the directory for one run.`;
}

/** What person key and SIDs say, as the end of a sentence about who had a login. Names no SID. */
export function evidence({ key: personKey, person, account }: Evidence): string {
  const key = listing(personKey.map(nameOf));
  if (person === 'equal') return ` and had the same ${key}${account === null ? '' : `, and ${ACCOUNTS[account]}`}`;
  if (person === 'differs')
    return ` and had another ${key}${account === null ? '' : `, although ${ACCOUNTS[account]}`}`;
  if (account !== null) return `, and ${ACCOUNTS[account]}`;
  return `, and whether it is the same person is unknown, since ${key} is missing on one side`;
}

const ACCOUNTS: Record<NonNullable<SameAccount>, string> = {
  'one SID': 'both entries have one SID',
  'history of the new': 'the SID history of the new entry names the old account',
  'history of the old': 'the SID history of the old entry names the new account',
};

/** When the two entries were made, as far as known: `; the old entry was made on 2024-03-01, the new one on 2026-11-20`. */
export function entriesMade({ made }: Pick<Evidence, 'made'>): string {
  const told = whenMade(made);
  return told === null ? '' : `; ${told}`;
}

function whenMade(made: Evidence['made']): string | null {
  if (made.old === null && made.new === null) return null;
  if (made.new === null) return `the old entry was made on ${made.old}`;
  if (made.old === null) return `the new entry was made on ${made.new}`;
  return `the old entry was made on ${made.old}, the new one on ${made.new}`;
}

/** The same evidence in brackets behind a name; empty where nothing is known. */
function clues(seen: Evidence | null): string {
  if (seen === null) return '';
  const key = listing(seen.key.map(nameOf));
  const parts = [
    seen.person === 'equal' ? `the same ${key}` : seen.person === 'differs' ? `another ${key}` : null,
    seen.account === null ? null : ACCOUNTS[seen.account],
    whenMade(seen.made),
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** The state is older than Genesys Cloud: what it is about to do has been done. */
export function carriesAnchor(holder: LoginHolder): string {
  return `the same person under another anchor: ${nameOfHolder(holder)} is gone, and his Genesys user carries this anchor already`;
}

/** Why a login of somebody who is there is not taken from him without a person's word. */
export function handedOver(holder: LoginHolder, because: string, seen: Evidence): string {
  const isPerhapsHis = seen.person === 'equal' || seen.account !== null;
  return `login handed over: it belongs to ${nameOfHolder(holder)}, who ${because}${evidence(seen)}${entriesMade(seen)}; ${APPROVAL}${isPerhapsHis ? `; ${INSTEAD}` : ''}`;
}

const APPROVAL = 'an approval retires that user and creates a new one';
const INSTEAD = 'if it is the same person, `unlink` the old anchor and `link` the new entry to that user instead';

/** Why a login is not used again without a person's word. */
export function unknownPerson(holder: LoginHolder, seen: Evidence): string {
  return `login used again: it belongs to ${nameOfHolder(holder)}, who is gone${evidence(seen)} (identity.onReusedLogin is hold)${entriesMade(seen)}; ${APPROVAL}`;
}

/** The same where one sign says that it is another person, and one that it is not. */
export function contradictingSigns(holder: LoginHolder, seen: Evidence): string {
  return `login used again: it belongs to ${nameOfHolder(holder)}, who is gone${evidence(seen)}${entriesMade(seen)}; ${APPROVAL}; ${INSTEAD}`;
}

/** Why a login is not given to somebody who has a user already without a person's word. */
export function loginGiven(holder: LoginHolder, seen: string): string {
  return `login handed over: it belongs to ${nameOfHolder(holder)}, who ${seen}; an approval retires that user, and this person gets the login`;
}

/** The same where the person key says that both users are one person's. */
export function loginOfOneself(holder: LoginHolder, seen: string): string {
  return `two users of one person: the login belongs to ${nameOfHolder(holder)}, who ${seen}; an approval retires that user, and this person goes on with the user that he has`;
}

/** Where a login comes from, as the end of a reason. */
export function comesFromRetired(holder: LoginHolder, seen: string): string {
  return `the login was that of ${nameOfHolder(holder)}, who ${seen}; he is retired first`;
}

/** Why an unlinked user is not taken over without a person's word. */
export function adoptionHeld(user: ScimUser, doubt: string): string {
  return `${unmanaged(user)}, ${doubt}; an approval takes him over`;
}

export function unmanaged({ displayName, id }: ScimUser): string {
  return `the Genesys Cloud user ${displayName ?? id}, whom Rollcall does not manage`;
}

/** Why a person whose user was deleted gets another one only by a person's word. */
export function deletedHeld(kind: ChangeKind): string {
  const then = kind === 'adopt' ? 'takes that other user over' : 'makes a new one';
  return `the person's user was deleted in Genesys Cloud (identity.onDeletedUser is hold); an approval ${then}`;
}

/**
 * A write met a deleted user: what can be done, and what a run does by itself. The user who had a login that is given to
 * somebody else would be brought back by a create with that login.
 */
export function deletedInGenesys(kind: ChangeKind, onDeletedUser: Settings['identity']['onDeletedUser']): string {
  if (kind === 'recycle') {
    return 'The user who had this login was deleted in Genesys Cloud, which would give his account to the new person: restore him there so that he can be retired, or give the new person another login, then run retry-failed.';
  }
  const restore = 'The user was deleted in Genesys Cloud; restore him there and run retry-failed';
  if (kind === 'adopt') return `${restore}, or leave it to the next full run, which decides anew.`;
  if (kind === 'rebind')
    return `${restore}, or \`unlink\` the person under the old anchor, so that a new user is made.`;
  if (onDeletedUser === 'hold') {
    return `${restore}, or wait for the next full run, which offers to make him anew for approval (identity.onDeletedUser is hold).`;
  }
  return `${restore}, or leave it to the next full run, which makes him anew (identity.onDeletedUser is recreate).`;
}

/** Why somebody is not linked anew by a key that is not his alone. */
export function ambiguousRebind(by: string, count: { old: number; new: number }): string {
  const one = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${one(count.old, 'linked user')} and ${one(count.new, 'new entry').replace('entrys', 'entries')} have this ${by}; correct it in the directory, or \`link\` each person by hand.`;
}

/** Why somebody is not linked anew although he has the key: it passed from one person to another. */
export function anotherPerson(by: string, holder: LoginHolder, seen: Evidence): string {
  return `The ${by} is the one of ${nameOfHolder(holder)}, who is gone${evidence(seen)}; correct it in the directory, or \`link\` the person by hand.`;
}
