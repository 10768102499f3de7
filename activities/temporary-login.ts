import type { PlannedChange, Values } from '../model/change.ts';
import type { WrittenValues } from '../model/user.ts';

/**
 * The first part of a swap of logins: an update that gives a login other than the one wanted, for as long as somebody
 * else has that. It is sent exactly as planned, and the person is not yet as he shall be.
 */
export function givesTemporaryLogin({ kind, operations, desired }: PlannedChange): boolean {
  if (kind !== 'update' || desired === null) return false;
  const login = (operations ?? []).find(({ op, path }) => op !== 'remove' && path.toLowerCase() === 'username');
  return typeof login?.value === 'string' && login.value.toLowerCase() !== desired.userName.toLowerCase();
}

/** What stands as written after exactly these values were: null took one away. `active` is no written value. */
export function writtenWith(written: WrittenValues, after: Values): WrittenValues {
  const entries = Object.entries({ ...written, ...after }).filter(([path]) => path !== 'active');
  return Object.fromEntries(entries.flatMap(([path, value]) => (value === null ? [] : [[path, value] as const])));
}
