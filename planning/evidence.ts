import type { Candidate } from '../model/candidate.ts';
import type { Provenance } from '../model/entry.ts';
import type { DesiredUser, Link } from '../model/user.ts';
import { comparedToWritten } from './person-key.ts';
import type { SamePerson } from './person-key.ts';

/**
 * By what SIDs show that two entries are, or were, one account: both have one SID, or the history of one names the other.
 * Null: they show nothing.
 */
export type SameAccount = 'one SID' | 'history of the new' | 'history of the old' | null;

/** All that speaks for or against a newcomer being the person whose login, or external id, he shall get. */
export interface Evidence {
  /** The person key, as SCIM paths. */
  key: readonly string[];
  person: SamePerson;
  account: SameAccount;
  /** The days on which the two entries were made; null = not known. They decide nothing. */
  made: { old: string | null; new: string | null };
}

/** What a newcomer's entry says beside what is known of the entry of a linked user, who may be gone. */
export function evidenceFor(
  { provenance }: Pick<Candidate, 'provenance'>,
  desired: DesiredUser,
  link: Link,
  key: readonly string[],
): Evidence {
  return {
    key,
    person: comparedToWritten(desired, link.written, key),
    account: sameAccount(provenance, link.provenance),
    made: { old: dayOf(link.provenance), new: dayOf(provenance) },
  };
}

/**
 * Whose login somebody gets, once its holder is gone: his own, another person's, or nobody can tell. SIDs only ever say
 * that it is the same account: whoever is hired again has another one. `contradiction`: they say so against the person key.
 */
export function judge({ person, account }: Evidence): 'same' | 'another' | 'contradiction' | 'unknown' {
  if (person === 'equal') return 'same';
  if (person === 'differs') return account === null ? 'another' : 'contradiction';
  return account === null ? 'unknown' : 'same';
}

/** One of the two SIDs is always an entry's own: a history may hold those of groups as well, which many share. */
function sameAccount(newcomer: Provenance | undefined, old: Provenance | undefined): SameAccount {
  if (newcomer === undefined || old === undefined) return null;
  if (newcomer.sid !== null && newcomer.sid === old.sid) return 'one SID';
  if (old.sid !== null && newcomer.formerSids.includes(old.sid)) return 'history of the new';
  return newcomer.sid !== null && old.formerSids.includes(newcomer.sid) ? 'history of the old' : null;
}

function dayOf(provenance: Provenance | undefined): string | null {
  return provenance?.createdAt?.slice(0, 'YYYY-MM-DD'.length) ?? null;
}
