import type { Anchor } from '../model/entry.ts';
import type { DesiredAttribute, ScimValue } from '../model/user.ts';

/** What is known about the people that attributes such as `manager` point to. */
export interface References {
  /** Genesys id of a linked person; null while he has none. */
  idOf(anchor: Anchor): string | null;
  /**
   * True for a linked person who is missing in the read while his leaving is not proved, or is held: nobody's
   * reference to him is cleared because of it.
   */
  stillThere(genesysId: string): boolean;
}

/** The wanted value with its reference filled in; `waitsFor` names the person who has no Genesys id yet. */
export interface Resolved {
  value: ScimValue | null;
  waitsFor: Anchor | null;
}

/** Fills in a reference as `{value: id}`. Somebody who is his own manager has none. */
export function resolve(attribute: DesiredAttribute, self: Anchor, references: References): Resolved {
  if (attribute.reference === null) return { value: attribute.value, waitsFor: null };
  if (attribute.reference === self) return { value: null, waitsFor: null };
  const id = references.idOf(attribute.reference);
  return id === null ? { value: null, waitsFor: attribute.reference } : { value: { value: id }, waitsFor: null };
}

/** True when a written value points to somebody who counts as there although the directory names him no more. */
export function pointsToSomebodyThere(written: ScimValue, references: References): boolean {
  if (typeof written !== 'object' || !('value' in written)) return false;
  return typeof written.value === 'string' && references.stillThere(written.value);
}
