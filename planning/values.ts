import type { Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { DesiredUser, WrittenValues } from '../model/user.ts';
import { resolve } from './references.ts';
import type { References } from './references.ts';
import { pathOf, presentValue, slotAt } from './slot.ts';
import type { Known } from './slot.ts';

/**
 * Every owned value by path, empty ones left out, references filled in; `unresolved` names those whose person has no
 * Genesys id yet.
 */
export function ownedValues(
  desired: DesiredUser,
  references: References,
  options: { createOnly: boolean },
): { values: WrittenValues; unresolved: Anchor[] } {
  const values: WrittenValues = {};
  const unresolved: Anchor[] = [];
  for (const attribute of desired.attributes) {
    if (attribute.apply === 'createOnly' && !options.createOnly) continue;
    const { value, waitsFor } = resolve(attribute, desired.anchor, references);
    if (value !== null) values[attribute.path] = value;
    if (waitsFor !== null) unresolved.push(waitsFor);
  }
  return { values, unresolved };
}

/** What a user has at these paths now: in reality where that is known, else as last written. */
export function presentValues(paths: readonly string[], known: Known): Values {
  return Object.fromEntries(paths.map((text) => [text, presentValue(slotAt(text, pathOf(text), known))]));
}
