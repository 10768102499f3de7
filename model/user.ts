import type { Anchor, Provenance } from './entry.ts';

export type Scalar = string | number | boolean;
/** Any JSON value a SCIM attribute may hold; never null or undefined inside. */
export type ScimValue = Scalar | readonly ScimValue[] | { readonly [name: string]: ScimValue };

/** A SCIM User as the service returned it. Extension attributes stand below their schema URN. */
export interface ScimUser {
  id: string;
  userName: string;
  active: boolean;
  displayName?: string;
  externalId?: string;
  meta?: { version?: string };
  [attribute: string]: unknown;
}

/** One entry of a PATCH request; `value` is absent for `remove`. */
export interface PatchOperation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: ScimValue;
}

/** One attribute that the mapping owns, with the value the directory wants it to have. */
export interface DesiredAttribute {
  /**
   * Where it stands, in the spelling of `model/scim-path.ts`: `title`, `name`,
   * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`, or one item of a list:
   * `phoneNumbers[type eq "work"]`, `roles[value eq "employee"]`.
   */
  path: string;
  /** The wanted value (for an item of a list: the whole item, selector included); null when the directory has none. */
  value: ScimValue | null;
  /** A reference to another person, filled in with his Genesys id as `{value: id}` when the request is made; `value` is then null. */
  reference: Anchor | null;
  /** `createOnly`: written with the POST, never compared again. */
  apply: 'always' | 'createOnly';
  /** What an empty source does: `clear` removes a value that Rollcall itself wrote, `keep` leaves it. */
  onEmpty: 'clear' | 'keep';
  /** Present for a list that a PATCH replaces as a whole, with the path it does so by; absent: by item, others' items stay. */
  patchAs?: string;
}

/** The SCIM User that an entry maps to. */
export interface DesiredUser {
  anchor: Anchor;
  directory: string;
  dn: string;
  /** Lower case, trimmed, a valid address. Also stands in `attributes`, like every owned attribute. */
  userName: string;
  displayName: string;
  /** Whether the person may work now; not part of `attributes`: lifecycle changes have kinds of their own. */
  active: boolean;
  /** Why `active` is false, for the change's reason; else null. */
  inactiveBecause: string | null;
  /** Every owned attribute except `active`, sorted by path. */
  attributes: DesiredAttribute[];
  /** List attributes (paths without selector) whose items Rollcall owns by value: items it wrote that are no longer wanted are removed. */
  ownedLists: string[];
  /** ISO time at which time alone changes this user, else null. */
  dueAt: string | null;
  /** Number that stands behind the mapped login because somebody else had it (`ann.lee_1@...`); absent = the login as mapped. */
  suffix?: number;
}

/** Something wrong with one attribute of one entry. Carries no value beyond what names the attribute. */
export interface Problem {
  /** The SCIM attribute, or the directory attribute where it has none. */
  attribute: string;
  /** One phrase: what is wrong and what to do. */
  problem: string;
}

/** Values that Rollcall last wrote, by path (see {@link DesiredAttribute.path}). */
export type WrittenValues = Record<string, ScimValue>;

/** The stored tie anchor <-> Genesys user. */
export interface Link {
  anchor: Anchor;
  genesysId: string;
  directory: string;
  dn: string;
  userName: string;
  displayName: string;
  /** The user's state in Genesys as Rollcall last wrote it. */
  active: boolean;
  written: WrittenValues;
  /** Hash of the desired user as last written (unresolved references left out). */
  writtenHash: string;
  /** `meta.version` after the last write, or null. */
  version: string | null;
  /**
   * Hash of the configuration under which the person was last seen in scope and active. A leaver last seen under another
   * one may have left because of the change of configuration alone.
   */
  seenUnder: string | null;
  /** The person's {@link DesiredUser.suffix}, kept for ever. */
  suffix?: number;
  /**
   * Where his entry comes from, as last read in full; absent where no read had it. State takes it from what a run read
   * and keeps it when the entry is gone, which is when it is needed; whoever writes a link need not give it.
   */
  provenance?: Provenance;
}
