import { RollcallError } from '../model/errors.ts';
import { formatPath, parsePath, valueAt } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { PatchOperation, ScimUser, ScimValue, WrittenValues } from '../model/user.ts';
import { isObject, sameValue } from './compare.ts';

/** What is known about a Genesys user besides what he shall be. */
export interface Known {
  /** What Rollcall last wrote; null when it never wrote him. */
  written: WrittenValues | null;
  /** The user as just read; null when he was not. */
  actual: ScimUser | null;
}

/** One place of a user: an attribute or one item of a list, with its values as known. */
export interface Slot {
  text: string;
  path: AttributePath;
  written: ScimValue | null;
  /** Undefined when it is not known. */
  actual: ScimValue | null | undefined;
}

/** Attributes that the service accepts and never returns: reality says nothing about them. */
const NEVER_RETURNED = new Set(['password']);

/** Takes an owned path apart. A path that is none is a defect of the mapping. */
export function pathOf(text: string): AttributePath {
  const path = parsePath(text);
  if (path === null) throw new RollcallError('mapping.invalid', `"${text}" is no SCIM path; correct the mapping.`);
  return path;
}

export function slotAt(text: string, path: AttributePath, known: Known): Slot {
  const hidden = known.actual === null || NEVER_RETURNED.has(path.attribute.toLowerCase());
  return {
    text,
    path,
    written: writtenAt(known.written, text),
    actual: hidden || known.actual === null ? undefined : valueAt(known.actual, path),
  };
}

/** The value last written at a path; null when none. */
export function writtenAt(written: WrittenValues | null, text: string): ScimValue | null {
  return written !== null && Object.hasOwn(written, text) ? (written[text] ?? null) : null;
}

/** The best knowledge of what the service has there now. */
export function presentValue(slot: Slot): ScimValue | null {
  return slot.actual === undefined ? slot.written : slot.actual;
}

/** True when the service still has what Rollcall wrote there, as far as known. */
export function isOurs(slot: Slot): boolean {
  if (slot.written === null) return false;
  return slot.actual === undefined || sameValue(slot.path, slot.written, slot.actual);
}

/** The operations that bring a value to its place without touching what others put beside it. */
export function writeOperations(slot: Slot, wanted: ScimValue): PatchOperation[] {
  const present = presentValue(slot);
  const { path } = slot;
  if (isObject(wanted) && path.selector !== null && path.sub === null) {
    if (!isObject(present)) return [{ op: 'add', path: listOf(path), value: [wanted] }];
    return differingMembers(path, wanted, present);
  }
  if (isList(wanted)) {
    const missing = wanted.filter((item) => !sameValue(path, [item], present));
    return [{ op: 'add', path: slot.text, value: missing }];
  }
  return [{ op: 'replace', path: slot.text, value: wanted }];
}

/**
 * The operations that take away what Rollcall wrote there. A whole list is never removed, and of an object only the
 * members written, since others may have added some; an object with a `value` is one reference and goes as a whole.
 */
export function removeOperations(slot: Slot): PatchOperation[] {
  const { written, path } = slot;
  if (written === null || isList(written)) return [];
  if (!isObject(written) || path.selector !== null || 'value' in written) return [{ op: 'remove', path: slot.text }];
  return Object.keys(written).map((name) => ({ op: 'remove', path: formatPath({ ...path, sub: name }) }));
}

/** Members of an object that Rollcall wrote, that are there as written, and that are wanted no more. */
export function droppedMembers(slot: Slot, wanted: ScimValue): PatchOperation[] {
  const { written, actual, path } = slot;
  if (path.selector !== null || path.sub !== null || !isObject(written) || !isObject(wanted)) return [];
  return Object.entries(written)
    .filter(([name]) => !Object.hasOwn(wanted, name))
    .filter(([name, value]) => actual === undefined || sameValue(path, { [name]: value }, actual))
    .map(([name]) => ({ op: 'remove', path: formatPath({ ...path, sub: name }) }));
}

/** The list that an item's path belongs to, schema prefix kept. */
export function listOf(path: AttributePath): string {
  return formatPath({ ...path, selector: null, sub: null });
}

function differingMembers(
  path: AttributePath,
  wanted: { readonly [name: string]: ScimValue },
  present: ScimValue,
): PatchOperation[] {
  return Object.entries(wanted)
    .filter(([name, value]) => !sameValue(path, { [name]: value }, present))
    .map(([name, value]) => ({ op: 'replace', path: formatPath({ ...path, sub: name }), value }));
}

function isList(value: ScimValue): value is readonly ScimValue[] {
  return Array.isArray(value);
}
