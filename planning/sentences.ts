import type { LoginHolder } from '../model/candidate.ts';
import type { ChangeKind } from '../model/change.ts';
import { parsePath } from '../model/scim-path.ts';
import type { Settings } from '../model/settings.ts';
import type { Problem, ScimUser } from '../model/user.ts';
import type { SamePerson } from './person-key.ts';

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

/** Who holds a login, and what to do about it. */
export function loginTaken(holder: LoginHolder): string {
  const name = nameOfHolder(holder);
  if (holder.via === 'desired') {
    return `${name} has or wants the same login in the directory; give one of the two another login there.`;
  }
  if (holder.via === 'inventory') {
    const state = holder.active ? 'user' : 'inactive user';
    return `The login belongs to ${name}, a Genesys Cloud ${state} that Rollcall does not manage; change the login of one of the two.`;
  }
  if (holder.via === 'external id') {
    return `The external id that this person shall get belongs to ${name}, whom Rollcall manages and who keeps it; change what it is made of for one of the two in the directory.`;
  }
  return holder.active
    ? `The login belongs to ${name}, whom Rollcall manages; change the login of one of the two in the directory.`
    : `The login belongs to ${name}, a deactivated user that Rollcall manages; change the login of that user, or the one in the directory.`;
}

export function nameOfHolder({ displayName, genesysId, anchor }: LoginHolder): string {
  return displayName || genesysId || anchor || 'somebody unnamed';
}

/** The second look at who has the login could not be made. */
export function loginUnproved(holder: LoginHolder): string {
  return `The login belongs to ${nameOfHolder(holder)}, whose entry was not read and could not be proved to be gone; a later run decides.`;
}

/** Who has the login is protected. */
export function loginProtected(holder: LoginHolder): string {
  return `The login belongs to ${nameOfHolder(holder)}, who is protected by target.protect; give this person another login in the directory.`;
}

/** Who has the login was to get another one in this plan, and does not. */
export function loginAwaited(name: string): string {
  return `The login belongs to ${name || 'somebody unnamed'}, who is to get another one but does not in this run, because that change is parked or waits for approval; a later run takes it up.`;
}

/** Several people give their logins on to one another, and no user among them can be given another one meanwhile. */
export function loginCircle(name: string): string {
  return `The login belongs to ${name || 'somebody unnamed'}, who gives it away in a circle of people who all return at once; give one of them another login in the directory for one run.`;
}

/** What the person key says, as the end of a sentence about who had a login. */
export function evidence(same: SamePerson, personKey: readonly string[]): string {
  const key = listing(personKey.map(nameOf));
  if (same === 'equal') return `had the same ${key}`;
  if (same === 'differs') return `had another ${key}`;
  return `whether it is the same person is unknown, since ${key} is missing on one side`;
}

/** The state is older than Genesys Cloud: what it is about to do has been done. */
export function carriesAnchor(holder: LoginHolder): string {
  return `the same person under another anchor: ${nameOfHolder(holder)} is gone, and his Genesys user carries this anchor already`;
}

/** Why a login of somebody who is there is not taken from him without a person's word. */
export function handedOver(holder: LoginHolder, because: string, seen: string): string {
  return `login handed over: it belongs to ${nameOfHolder(holder)}, who ${because} and ${seen}; an approval retires that user and creates a new one`;
}

/** Why a login is not used again without a person's word. */
export function unknownPerson(holder: LoginHolder, personKey: readonly string[]): string {
  return `login used again: it belongs to ${nameOfHolder(holder)}, who is gone, and ${evidence('unknown', personKey)} (identity.onReusedLogin is hold); an approval retires that user and creates a new one`;
}

/** Why an unlinked user is not taken over without a person's word. */
export function adoptionHeld({ displayName, id }: ScimUser, doubt: string): string {
  return `the Genesys Cloud user ${displayName ?? id}, whom Rollcall does not manage, ${doubt}; an approval takes him over`;
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
