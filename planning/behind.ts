import type { Candidate } from '../model/candidate.ts';
import type { Link } from '../model/user.ts';
import { diffUser } from './diff.ts';
import type { References } from './references.ts';
import { writtenAfter } from './requests.ts';
import { isRetiredLogin } from './spare-login.ts';

/** A link as it has to stand so that it says again what is true in Genesys Cloud. */
export interface CaughtUp {
  link: Link;
  /** The user's login was taken from him for good. */
  retired: boolean;
}

/**
 * What the link of somebody for whom nothing is to be done lacks: the state is an older copy that was put back, or
 * somebody did by hand what the directory asks for. Null: it lacks nothing.
 */
export function behindGenesys({ link, actual, desired, hash }: Candidate, references: References): CaughtUp | null {
  if (link?.active !== true || actual?.active !== true || desired?.active !== true) return null;
  if (hash === null || hash === link.writtenHash) return null;
  const known = { written: link.written, actual, drift: 'restore' as const };
  // A manager who has left and is kept until that is done has yet to be taken away.
  const { operations, unresolved } = diffUser(desired, known, { ...references, stillThere: () => false });
  if (operations.length > 0 || unresolved.length > 0) return null;
  const { directory, dn, userName, displayName } = desired;
  const written = writtenAfter(desired, link.written, references);
  const version = actual.meta?.version ?? null;
  const suffix = desired.suffix === undefined ? {} : { suffix: desired.suffix };
  return {
    link: { ...link, directory, dn, userName, displayName, written, writtenHash: hash, version, ...suffix },
    retired: false,
  };
}

/** The same of a leaver: his user may not log in any more already. Null: he still may. */
export function leftAlready({ link, actual }: Candidate): CaughtUp | null {
  if (link === null || actual === null || actual.active) return null;
  const version = actual.meta?.version ?? null;
  const retired = isRetiredLogin(actual.userName, link.anchor);
  return { link: { ...link, userName: actual.userName, active: false, version }, retired };
}
