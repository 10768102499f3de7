import type { DesiredUser, ScimUser, ScimValue, WrittenValues } from '../model/user.ts';
import { sameValue } from './compare.ts';
import { pathOf, presentValue, slotAt, writtenAt } from './slot.ts';

/** Whether two entries, or an entry and a user, are one person; `unknown` where either lacks a part of the key. */
export type SamePerson = 'equal' | 'differs' | 'unknown';

/** Compares what an entry has in the person key with what was last written to the user of another one. */
export function comparedToWritten(desired: DesiredUser, written: WrittenValues, key: readonly string[]): SamePerson {
  return compared(desired, key, (path) => writtenAt(written, path));
}

/** Compares what an entry has in the person key with what a Genesys user has there. */
export function comparedToUser(desired: DesiredUser, actual: ScimUser, key: readonly string[]): SamePerson {
  return compared(desired, key, (path) => presentValue(slotAt(path, pathOf(path), { written: null, actual })));
}

/** One part that differs tells two people apart, whatever the others say. */
function compared(
  desired: DesiredUser,
  key: readonly string[],
  valueAt: (path: string) => ScimValue | null,
): SamePerson {
  const parts = key.map((path): SamePerson => {
    const mine = desired.attributes.find((one) => one.path === path)?.value ?? null;
    const theirs = valueAt(path);
    if (mine === null || theirs === null) return 'unknown';
    return sameValue(pathOf(path), mine, theirs) ? 'equal' : 'differs';
  });
  if (parts.includes('differs')) return 'differs';
  return parts.length === 0 || parts.includes('unknown') ? 'unknown' : 'equal';
}
