import type { Anchor, Entry } from '../model/entry.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { DesiredUser, Problem, Scalar } from '../model/user.ts';

/** A compiled mapping file: pure data and functions, good for any number of entries. */
export interface Mapping {
  /** Everything the mapping owns but `active`, in the file's order. `userName` and `displayName` are single values. */
  rules: readonly Rule[];
  /** How `userName` is mapped; its rule stands in `rules` too. */
  userName: Expression;
  /** How `active` is mapped; null = the directory's own signs alone. */
  active: Expression | null;
  /** URNs the file lists under `schemas`; empty when it lists none. They select nothing: requests name what they carry. */
  schemas: readonly string[];
  /** Directory attributes it reads, lower case, sorted. */
  attributes: readonly string[];
  /** Those of `attributes` that hold DNs of other people (`manager`): resolve them before mapping. */
  references: readonly string[];
  /** SCIM attributes it owns, as full paths without selector (`phoneNumbers`, `urn:…:User:manager`), without `active`, sorted. */
  ownsAttributes: readonly string[];
}

/** What an entry is mapped against. */
export interface MappingContext {
  /** ISO 3166 country of phone numbers without a country code; null = such numbers are invalid. */
  defaultRegion: string | null;
  now: Date;
  /** The person at a DN (as the directory spelled it); undefined = nobody in scope. */
  anchorOf(dn: string): Anchor | undefined;
  /** Whether a login has to be an e-mail address; absent = yes. */
  addressLogins?: boolean;
  /** Role names that may be granted; absent or empty = any. A mapped role outside them parks the entry. */
  grantableRoles?: readonly string[];
}

export interface Mapped {
  /** Null when the entry is invalid; `problems` then says why. */
  desired: DesiredUser | null;
  problems: Problem[];
  /** What was left out or cleaned; the entry is valid all the same. */
  warnings: Problem[];
}

export interface Policy {
  apply: 'always' | 'createOnly';
  onInvalid: 'drop' | 'park';
  onEmpty: 'clear' | 'keep';
  /** Of a list: whether single items are added and removed, or the list is replaced as a whole. */
  patch: 'items' | 'whole';
}

/** One owned attribute, or one item of an owned list. */
export type Rule = ValueRule | ItemRule;

export interface ValueRule {
  kind: 'value';
  /** Without selector and sub-attribute. */
  path: AttributePath;
  shape: Shape;
  policy: Policy;
  /** The path under which a PATCH replaces a list as a whole, as the mapping spells it; null = by item. */
  patchAs: string | null;
}

export interface ItemRule {
  kind: 'item';
  /** The list, without selector and sub-attribute. */
  list: AttributePath;
  /** Known before any entry is seen; null = `selectBy` comes out of each entry. */
  selector: { attribute: string; value: Scalar } | null;
  /** The member that tells this item from the list's others. */
  selectBy: string;
  members: Members;
  policy: Policy;
}

export type Members = Readonly<Record<string, Shape>>;

/** How a JSON value is put together. */
export type Shape =
  | { kind: 'scalar'; expression: Expression }
  | { kind: 'reference'; attributes: readonly string[] }
  | { kind: 'object'; members: Members }
  | { kind: 'list'; elements: readonly Shape[] };

/** The first source that has a value, sent through the transforms in order. */
export interface Expression {
  sources: readonly Source[];
  transforms: readonly Transform[];
}

export type BuiltIn = '$enabled' | '$anchor' | '$dn' | '$vendor';

export type Source =
  | { kind: 'attribute'; name: string }
  | { kind: 'builtIn'; name: BuiltIn }
  | { kind: 'constant'; value: Scalar }
  | { kind: 'template'; parts: readonly TemplatePart[] }
  | { kind: 'expression'; expression: Expression };

/** Literal text, or what is filled in. */
export type TemplatePart = string | { kind: 'attribute'; name: string } | { kind: 'builtIn'; name: BuiltIn };

/** `value` null = empty. `invalid` is a phrase without the value itself: `is no phone number`. */
export type Outcome = { value: Scalar | null } | { invalid: string };

export type Transform = (value: Scalar, reading: Reading) => Outcome;

/** One entry while it is read for one attribute. */
export interface Reading {
  entry: Entry;
  context: MappingContext;
  /** The mapped login; null while it is itself being read. */
  userName: string | null;
  warn(problem: string): void;
}
