import type { Anchor } from './entry.ts';
import type { DesiredUser, Link, Problem, ScimUser } from './user.ts';

/** Who holds a login at the time of planning. */
export interface LoginHolder {
  /** `desired`: another valid, active entry of this run wants it; `link`: a linked user has it; `inventory`: a Genesys user without link. */
  via: 'desired' | 'link' | 'inventory';
  anchor: Anchor | null;
  genesysId: string | null;
  displayName: string;
  active: boolean;
}

/** What planning decides on: one person, with everything known about him. */
export interface Candidate {
  anchor: Anchor;
  /** Null: not in the read, or invalid (then `problems` says why and `present` is true). */
  desired: DesiredUser | null;
  /** Hash of `desired` as `hashDesired` of the state room computes it; null without. */
  hash: string | null;
  present: boolean;
  directory: string;
  dn: string;
  problems: Problem[];
  /** Why the directory says that the person may not work, for entries that are invalid too; null = he may. */
  disabledBecause: string | null;
  link: Link | null;
  /** The Genesys user of the link as this run listed him; null without inventory or when not listed. */
  actual: ScimUser | null;
}
