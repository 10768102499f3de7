import type { Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { CORE_USER } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { DesiredUser, PatchOperation, ScimUser, ScimValue, WrittenValues } from '../model/user.ts';
import { isObject } from './compare.ts';
import { diffUser } from './diff.ts';
import type { Difference } from './diff.ts';
import { pointsToSomebodyThere, resolve } from './references.ts';
import type { References } from './references.ts';
import { pathOf, writtenAt } from './slot.ts';
import { ownedValues } from './values.ts';

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Body = Record<string, unknown>;

/**
 * The body of a POST: every owned attribute that has a value, extensions below their URN, items grouped into lists.
 * References to people without a Genesys id are left out and named in `unresolved`.
 */
export function createBody(desired: DesiredUser, references: References): { body: object; unresolved: Anchor[] } {
  const schemas = [CORE_USER];
  const body: Body = { schemas, active: true };
  const unresolved: Anchor[] = [];
  for (const attribute of desired.attributes) {
    const { value, waitsFor } = resolve(attribute, desired.anchor, references);
    if (waitsFor !== null) unresolved.push(waitsFor);
    if (value === null) continue;
    const path = pathOf(attribute.path);
    if (path.schema !== null && !schemas.includes(path.schema)) schemas.push(path.schema);
    place(path.schema === null ? body : child(body, path.schema), path, value);
  }
  return { body, unresolved };
}

/** The body of a PATCH. */
export function patchBody(operations: PatchOperation[]): object {
  return { schemas: [PATCH_OP], Operations: operations };
}

/** What stands as written after a POST: every owned value, references as far as they have an id. */
export function writtenValues(desired: DesiredUser, references: References): WrittenValues {
  return ownedValues(desired, references, { createOnly: true }).values;
}

/**
 * What stands as written after a write. What an update does not touch stays as it was: values written at creation,
 * values kept although their source is empty, and references to people who have no id yet or still count as there.
 * Whatever the mapping owns no more is forgotten.
 *
 * @param before what stood as written before; null after a POST, which writes everything
 * @param changed what the request changed, null for values that it took away: these stand no more, whoever is still there
 */
export function writtenAfter(
  desired: DesiredUser,
  before: WrittenValues | null,
  references: References,
  changed: Values | null = null,
): WrittenValues {
  if (before === null) return writtenValues(desired, references);
  const written: WrittenValues = {};
  for (const attribute of desired.attributes) {
    const { value, waitsFor } = resolve(attribute, desired.anchor, references);
    const old = changed?.[attribute.path] === null ? null : writtenAt(before, attribute.path);
    const stays =
      attribute.apply === 'createOnly' ||
      waitsFor !== null ||
      (value === null && old !== null && (attribute.onEmpty === 'keep' || pointsToSomebodyThere(old, references)));
    const now = stays ? old : value;
    if (now !== null) written[attribute.path] = now;
  }
  return written;
}

/** What gives an inactive user his access back. */
export const ACTIVATION: readonly PatchOperation[] = [{ op: 'replace', path: 'active', value: true }];

/**
 * What makes an inactive user active again: `active` unless he is, and every owned attribute that differs from reality,
 * whoever changed it. `createOnly` attributes stay away.
 *
 * @param actual the user as just read
 * @param written what Rollcall last wrote; with it, values that are wanted no more are removed as well
 */
export function reactivation(
  desired: DesiredUser,
  actual: ScimUser,
  references: References,
  written: WrittenValues | null = null,
): Difference {
  const difference = diffUser(desired, { written, actual, drift: 'restore' }, references);
  return actual.active ? difference : activated(difference, false);
}

/** A difference that gives access back as well. */
export function activated(difference: Difference, before: boolean): Difference {
  return {
    ...difference,
    operations: [...ACTIVATION, ...difference.operations],
    before: { active: before, ...difference.before },
    after: { active: true, ...difference.after },
  };
}

/** What takes a leaver's access away; everything else about him stays, for the records that name him. */
export function deactivation(): PatchOperation[] {
  return [{ op: 'replace', path: 'active', value: false }];
}

function place(holder: Body, path: AttributePath, value: ScimValue): void {
  if (path.selector !== null) {
    const { attribute, value: wanted } = path.selector;
    const item = path.sub === null && isObject(value) ? { [attribute]: wanted, ...value } : { [attribute]: wanted };
    placeItem(holder, path, path.sub === null ? item : { ...item, [path.sub]: value });
  } else if (path.sub !== null) {
    child(holder, path.attribute)[path.sub] = value;
  } else {
    holder[path.attribute] = isObject(value) ? { ...child(holder, path.attribute), ...value } : value;
  }
}

/** Adds an item to its list, or completes the one with the same selector. */
function placeItem(holder: Body, path: AttributePath, item: Body): void {
  const known = Object.hasOwn(holder, path.attribute) ? holder[path.attribute] : undefined;
  const items: Body[] = Array.isArray(known) ? (known as Body[]) : [];
  const name = path.selector?.attribute ?? '';
  const isSame = (other: Body): boolean => other[name] === item[name];
  holder[path.attribute] = items.some(isSame)
    ? items.map((other) => (isSame(other) ? { ...other, ...item } : other))
    : [...items, item];
}

/** The object below a name, as a copy: what is desired is never changed. */
function child(holder: Body, name: string): Body {
  const known = Object.hasOwn(holder, name) ? holder[name] : undefined;
  const made: Body = isObject(known) ? { ...known } : {};
  holder[name] = made;
  return made;
}
