import { createHash } from 'node:crypto';
import type { ChangeKind } from '../model/change.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import type { DesiredAttribute, DesiredUser } from '../model/user.ts';
import { canonicalJson } from './canonical.ts';

/**
 * Hash of what Rollcall wants to stand in Genesys: the attributes it keeps up to date, references by anchor, and the
 * lists it owns. `active`, `dn` and `dueAt` are no part of it, nor what is written at creation only.
 *
 * @param unresolved references that could not be filled in; a hash without them differs from the full one, which makes
 *   the person a candidate again.
 */
export function hashDesired(desired: DesiredUser, unresolved: ReadonlySet<Anchor> = new Set()): string {
  const attributes = desired.attributes
    .filter((attribute) => attribute.apply === 'always')
    .filter((attribute) => attribute.reference === null || !unresolved.has(attribute.reference))
    .map((attribute) => [attribute.path, contentOf(attribute)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return sha256(canonicalJson({ attributes, ownedLists: [...desired.ownedLists].sort() }));
}

/** `onEmpty` matters only for an empty attribute: a mapping that turns from `keep` to `clear` must reach everybody. */
function contentOf(attribute: DesiredAttribute): unknown {
  if (attribute.reference !== null) return { reference: attribute.reference };
  return attribute.value === null ? { empty: attribute.onEmpty } : { value: attribute.value };
}

/** What identifies a change in a held batch. */
export interface BatchMember {
  anchor: Anchor;
  kind: ChangeKind;
  genesysId: string | null;
}

/** Hash of a held batch: of its run and its list, in whatever order it is given. */
export function hashBatch(runId: string, members: readonly BatchMember[]): string {
  const list = members.map(({ anchor, kind, genesysId }) => canonicalJson([anchor, kind, genesysId])).sort();
  return sha256(canonicalJson([runId, list]));
}

/** Client ids are no secrets, but half of a credential: state keeps only this. */
export function hashClientId(clientId: string): string {
  return sha256(canonicalJson(['oauth-client', clientId]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * What tells that nothing about an entry moved that a mapping could see: its stamp and DN, whether it is enabled, the
 * Genesys users it refers to, and the configuration. Stamps alone do not tell: a renamed unit or manager moves nobody's.
 *
 * @param references who is referred to: a Genesys id, a mark for somebody without one yet, null for nobody
 */
export function hashFingerprint(entry: Entry, references: readonly (string | null)[], configHash: string): string {
  const { stamp, stampScope, dnKey, enabled } = entry;
  return sha256(canonicalJson({ stamp, stampScope, dnKey, enabled, references, configHash }));
}
