import { valueAt } from '../model/scim-path.ts';
import type { PatchOperation, ScimUser, ScimValue } from '../model/user.ts';
import { sameValue } from './compare.ts';
import { pathOf } from './slot.ts';

/**
 * What is left to do of a PATCH whose outcome is unknown, given the user as just read; empty when all of it came true.
 * Of an `add` only the items that are still missing are left.
 */
export function unsatisfied(operations: readonly PatchOperation[], user: ScimUser): PatchOperation[] {
  return operations.flatMap((operation) => {
    const path = pathOf(operation.path);
    const present = valueAt(user, path);
    const { op, value } = operation;
    if (op === 'remove' || value === undefined) return present === null ? [] : [operation];
    if (op === 'replace' || !isList(value)) return sameValue(path, value, present) ? [] : [operation];
    const missing = value.filter((item) => !sameValue(path, [item], present));
    return missing.length === 0 ? [] : [{ ...operation, value: missing }];
  });
}

function isList(value: ScimValue): value is readonly ScimValue[] {
  return Array.isArray(value);
}
