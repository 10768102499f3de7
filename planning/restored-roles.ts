import { memberOf } from '../model/scim-path.ts';
import type { ScimUser, ScimValue, WrittenValues } from '../model/user.ts';
import { isObject } from './compare.ts';
import type { Difference } from './diff.ts';
import { pathOf } from './slot.ts';

interface Circumstances {
  /** The user as he was before he was made inactive. */
  kept: ScimUser;
  /** The same as just read. */
  actual: ScimUser;
  /** What Rollcall last wrote. */
  written: WrittenValues;
  /** `target.grantableRoles`; empty = every role. */
  grantable: readonly string[];
  /** `target.protect.roles`: never given back. */
  protectedRoles: readonly string[];
}

/**
 * Gives a returner back the roles that he lost by being made inactive, in the same request. Roles that the mapping gives or
 * once gave are its own business: whatever it wants no more does not come back this way.
 */
export function withRestoredRoles(difference: Difference, circumstances: Circumstances): Difference {
  const { kept, actual, written, grantable, protectedRoles } = circumstances;
  const owned = [...Object.keys(difference.after), ...Object.keys(written)].filter((path) => isOfRoles(path));
  const ownedNames = new Set(owned.flatMap((path) => [...rolesAt(path, written), ...rolesAt(path, difference.after)]));
  const has = new Set(namesIn(memberOf(actual, 'roles')).map(fold));
  const missing = namesIn(memberOf(kept, 'roles')).filter(
    (name) =>
      !has.has(fold(name)) &&
      !ownedNames.has(fold(name)) &&
      (grantable.length === 0 || grantable.includes(name)) &&
      !protectedRoles.some((role) => fold(role) === fold(name)),
  );
  if (missing.length === 0) return difference;
  const present = namesIn(memberOf(actual, 'roles'));
  const value = missing.map((name) => ({ value: name }));
  return {
    ...difference,
    operations: [...difference.operations, { op: 'add', path: 'roles', value }],
    before: { ...difference.before, roles: present },
    after: { ...difference.after, roles: [...present, ...missing] },
  };
}

function isOfRoles(text: string): boolean {
  return pathOf(text).attribute.toLowerCase() === 'roles';
}

/** Names of the roles that a value written at a path gives, in lower case. */
function rolesAt(text: string, values: Record<string, ScimValue | null>): string[] {
  const { selector } = pathOf(text);
  const named = selector === null ? [] : [String(selector.value)];
  return [...named, ...namesIn(values[text] ?? null)].map(fold);
}

function namesIn(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items
    .map((item) => (isObject(item) ? item['value'] : item))
    .filter((name): name is string => typeof name === 'string');
}

function fold(name: string): string {
  return name.toLowerCase();
}
