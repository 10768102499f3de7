import type { Anchor } from './entry.ts';
import type { DesiredUser, PatchOperation, ScimValue } from './user.ts';

/** Every kind of change, in the order reports list them. */
export const CHANGE_KINDS = ['create', 'adopt', 'update', 'reactivate', 'recycle', 'rebind', 'deactivate'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Where a change stands. `writing` is claimed by an attempt; the last four are final for the run. */
export type ChangeStatus = 'planned' | 'writing' | 'applied' | 'parked' | 'held' | 'superseded';

/**
 * What one request of a change did: the whole of it (empty), the first or the second half of a recycle, or, of a create
 * that was parked for it, the revival of an account that had been deleted in Genesys Cloud.
 */
export type ChangeStep = '' | 'retire' | 'create' | 'revived';

/** Values by SCIM path, as shown to people and kept in the audit trail. */
export type Values = Record<string, ScimValue | null>;

/** One planned operation on one user. */
export interface PlannedChange {
  anchor: Anchor;
  kind: ChangeKind;
  /** Null for a create, unless it makes somebody anew whose user, this one, was deleted in Genesys Cloud. */
  genesysId: string | null;
  directory: string;
  dn: string;
  userName: string;
  displayName: string;
  /** One sentence: why. */
  reason: string;
  before: Values | null;
  after: Values | null;
  /** What the user shall be afterwards; null for a deactivation of somebody without an entry. */
  desired: DesiredUser | null;
  /** The PATCH of an `update` or `deactivate` as planned (references unresolved); null where the body is made at apply time. */
  operations: PatchOperation[] | null;
  /** True for a leaver that left because he is no longer in scope or gone, not because he is disabled. */
  absent: boolean;
  /** Why this one waits for a person whatever the limits say (policy of `leavers`), else null. */
  heldBecause: string | null;
  /** Already known to fail: the change is stored as parked at once. */
  parked: { code: string; message: string } | null;
  /** The user from whom a `recycle` takes the login or a `rebind` takes the link; absent for other kinds. */
  predecessor?: Predecessor;
  /** The user who has the wanted login now and whose own change frees it earlier in this plan; absent = it is free. */
  awaits?: { genesysId: string; displayName: string };
  /** The `recycle` that takes the one it awaits out of use; planned beside it, and stored as a change of its own. */
  makesWay?: PlannedChange;
  /** How the user whom an `adopt` takes over was found; absent for other kinds. */
  match?: Match;
  /** Tells several changes of one kind for one person apart: a swap of logins takes two updates. From 0; absent = 0. */
  part?: number;
}

/** By what a Genesys user whom nobody manages is recognised as somebody's: `hand` by an operator, else the surest first. */
export const MATCHED_BY = ['hand', 'anchor', 'external id', 'login'] as const;

/**
 * What is odd about such a user: several answer to it, he carries another entry's anchor, he is inactive, the person key
 * differs, another system gave him an external id, or a create brought him back from being deleted.
 */
export const ODDITIES = [
  'ambiguous',
  'other anchor',
  'inactive',
  'other person',
  'other provisioner',
  'revived',
] as const;
export type Oddity = (typeof ODDITIES)[number];

/** How a Genesys user whom nobody managed was recognised as a person's. */
export interface Match {
  by: (typeof MATCHED_BY)[number];
  /** Why a person has to look first; null when nothing is odd. */
  oddity: Oddity | null;
}

/** A linked user whose anchor gives way to another person's, or to a new anchor of the same person. */
export interface Predecessor {
  anchor: Anchor;
  genesysId: string;
  userName: string;
  displayName: string;
  /** What retires him, in one PATCH; null for a `rebind`, which keeps him in use. */
  retirement: { operations: PatchOperation[]; before: Values; after: Values } | null;
  /** True when nobody is created besides: who gets the login has a user already, and a change of his own follows. */
  alone?: true;
}

/** Five numbers a report gives for each kind; `planned` is the sum of the others. */
export interface KindCounts {
  planned: number;
  applied: number;
  parked: number;
  held: number;
  superseded: number;
}
