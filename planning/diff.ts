import type { Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { parsePath } from '../model/scim-path.ts';
import type { DesiredAttribute, DesiredUser, PatchOperation, ScimValue, WrittenValues } from '../model/user.ts';
import { sameValue } from './compare.ts';
import { pointsToSomebodyThere, resolve } from './references.ts';
import type { References } from './references.ts';
import {
  droppedMembers,
  isOurs,
  listOf,
  pathOf,
  presentValue,
  removeOperations,
  slotAt,
  writeOperations,
} from './slot.ts';
import type { Known, Slot } from './slot.ts';

export type { References } from './references.ts';

/** What to do about an owned value that somebody changed in Genesys Cloud: tell, put back, or leave in silence. */
export type Drift = 'report' | 'restore' | 'respect';

/** What separates a Genesys user from what he shall be. */
export interface Difference {
  operations: PatchOperation[];
  /** Owned values that change, as they are now: in reality where that is known, else as last written. */
  before: Values;
  after: Values;
  /** Paths whose value somebody changed in Genesys Cloud; filled by `report` alone. */
  drifted: string[];
  /** People that references want and who have no Genesys id yet; their operations are left out. */
  unresolved: Anchor[];
}

/**
 * Compares a user with what he shall be. Only attributes that `desired` owns are ever written, and only values that
 * Rollcall itself wrote are ever removed. Attributes with `createOnly` are not compared.
 */
export function diffUser(desired: DesiredUser, known: Known & { drift: Drift }, references: References): Difference {
  const difference: Difference = { operations: [], before: {}, after: {}, drifted: [], unresolved: [] };
  for (const attribute of desired.attributes) {
    if (attribute.apply === 'always') diffAttribute(difference, desired.anchor, attribute, known, references);
  }
  for (const text of abandonedItems(desired, known.written)) {
    const slot = slotAt(text, pathOf(text), known);
    if (isOurs(slot)) record(difference, slot, null, removeOperations(slot));
  }
  difference.operations = removalsFirst(difference.operations);
  return difference;
}

export function changesLogin(difference: Pick<Difference, 'after'>): boolean {
  return Object.keys(difference.after).some((path) => path.toLowerCase() === 'username');
}

function diffAttribute(
  difference: Difference,
  self: Anchor,
  attribute: DesiredAttribute,
  known: Known & { drift: Drift },
  references: References,
): void {
  const { value: wanted, waitsFor } = resolve(attribute, self, references);
  if (waitsFor !== null) {
    difference.unresolved.push(waitsFor);
    return;
  }
  const slot = slotAt(attribute.path, pathOf(attribute.path), known);
  if (wanted === null) {
    if (mayClear(slot, attribute, references)) record(difference, slot, null, clearing(slot, attribute));
    return;
  }
  const standing = compare(slot, wanted, attribute);
  if (standing === 'drifted' && known.drift === 'report') difference.drifted.push(attribute.path);
  const writes = standing === 'differs' || (standing === 'drifted' && known.drift === 'restore');
  const dropped = attribute.onEmpty === 'clear' ? droppedMembers(slot, wanted) : [];
  record(difference, slot, wanted, [...dropped, ...(writes ? writing(slot, wanted, attribute) : [])]);
}

function writing(slot: Slot, wanted: ScimValue, { patchAs }: DesiredAttribute): PatchOperation[] {
  return patchAs === undefined ? writeOperations(slot, wanted) : [{ op: 'replace', path: patchAs, value: wanted }];
}

function clearing(slot: Slot, { patchAs }: DesiredAttribute): PatchOperation[] {
  return patchAs === undefined ? removeOperations(slot) : [{ op: 'remove', path: patchAs }];
}

function compare(slot: Slot, wanted: ScimValue, { patchAs }: DesiredAttribute): 'same' | 'differs' | 'drifted' {
  // What others added to a list does not count; what Rollcall wrote and wants no more does, where the list is its own.
  if (patchAs !== undefined && slot.written !== null && !sameValue(slot.path, slot.written, wanted)) return 'differs';
  if (slot.actual !== undefined && sameValue(slot.path, wanted, slot.actual)) return 'same';
  if (!sameValue(slot.path, wanted, slot.written)) return 'differs';
  return slot.actual === undefined ? 'same' : 'drifted';
}

function mayClear(slot: Slot, attribute: DesiredAttribute, references: References): boolean {
  if (attribute.onEmpty === 'keep' || slot.written === null || !isOurs(slot)) return false;
  return slot.path.selector !== null || !pointsToSomebodyThere(slot.written, references);
}

function record(difference: Difference, slot: Slot, after: ScimValue | null, operations: PatchOperation[]): void {
  if (operations.length === 0) return;
  difference.operations.push(...operations);
  difference.before[slot.text] = presentValue(slot);
  difference.after[slot.text] = after;
}

/**
 * Items that Rollcall wrote into lists it owns by value and that the mapping names no more. A list with items that are
 * written at creation only is nobody's business afterwards.
 */
function abandonedItems(desired: DesiredUser, written: WrittenValues | null): string[] {
  if (written === null || desired.ownedLists.length === 0) return [];
  const named = new Set(desired.attributes.map((attribute) => attribute.path));
  const lists = new Set(desired.ownedLists);
  for (const { path, apply } of desired.attributes) if (apply === 'createOnly') lists.delete(listOf(pathOf(path)));
  return Object.keys(written).filter((text) => {
    const path = parsePath(text);
    return path !== null && path.selector !== null && !named.has(text) && lists.has(listOf(path));
  });
}

/** A value may move to another place: the old one is freed first, in case the service wants values to be unique. */
function removalsFirst(operations: PatchOperation[]): PatchOperation[] {
  return [
    ...operations.filter((operation) => operation.op === 'remove'),
    ...operations.filter((operation) => operation.op !== 'remove'),
  ];
}
