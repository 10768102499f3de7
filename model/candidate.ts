import type { Anchor, Provenance } from './entry.ts';
import type { DesiredUser, Link, Problem, ScimUser } from './user.ts';

/**
 * What this run knows about the entry of somebody who holds a login: he wants to keep it (`stays`) or wants another one
 * (`leaves`), may not work now (`disabled`), cannot be used (`invalid`), or was not read (`absent`). Null: he has no link.
 */
export type HolderEntry = 'stays' | 'leaves' | 'disabled' | 'invalid' | 'absent' | null;

/** Who holds a login, or an external id, at the time of planning. Users retired for good hold nothing. */
export interface LoginHolder {
  /**
   * `desired`: another valid, active entry of this run wants it; `link`: a linked user has it; `inventory`: a Genesys user
   * without link; `external id`: a linked user has the external id that a newcomer shall get.
   */
  via: 'desired' | 'link' | 'inventory' | 'external id';
  anchor: Anchor | null;
  genesysId: string | null;
  displayName: string;
  active: boolean;
  entry: HolderEntry;
  /** True for a user whom this plan retires already, so that he gives up his external ids as well. */
  retires?: true;
  /** His link; null for a Genesys user without link, and for somebody who only wants the login. */
  link: Link | null;
  /** The Genesys user as this run listed him; null without inventory, and for somebody who only wants the login. */
  user: ScimUser | null;
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
  /** Where the entry comes from; absent where this run did not read it, or could read nothing of that. */
  provenance?: Provenance | undefined;
  link: Link | null;
  /** The Genesys user of the link as this run listed him; null without inventory or when not listed. */
  actual: ScimUser | null;
  /** True when a look by id found the user of the link deleted in Genesys Cloud; false also where nobody looked. */
  deleted: boolean;
}
