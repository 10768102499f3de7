import type { Values } from '../model/change.ts';
import type { Link, PatchOperation, ScimUser, ScimValue } from '../model/user.ts';
import { formatPath } from '../model/scim-path.ts';
import { isObject } from './compare.ts';
import { isOurs, pathOf, presentValue, removeOperations, slotAt } from './slot.ts';
import type { Slot } from './slot.ts';
import { firstFree, spareLogins } from './spare-login.ts';

/** What takes a user out of use for good, in one PATCH. */
export interface Retirement {
  operations: PatchOperation[];
  before: Values;
  after: Values;
}

interface Circumstances {
  /** The user as this run listed him; null without inventory. */
  actual: ScimUser | null;
  isTaken(login: string): boolean;
}

/**
 * Retires a user: his login and the numbers that Rollcall wrote are freed, the external ids that it wrote are kept under
 * another value, since they are unique and whatever is not his anchor may be given again, and he becomes inactive. The
 * display name stays, so that old recordings show the old person. Nothing that Rollcall does not own is touched.
 */
export function retirement(link: Link, { actual, isTaken }: Circumstances): Retirement {
  const retired: Retirement = { operations: [], before: {}, after: {} };
  const login = firstFree(spareLogins('retired', link.anchor, link.userName), isTaken);
  const known = { written: link.written, actual };
  const userName = slotAt('userName', pathOf('userName'), known);
  retired.operations.push({ op: 'replace', path: 'userName', value: login });
  retired.before['userName'] = presentValue(userName) ?? link.userName;
  retired.after['userName'] = login;
  for (const text of Object.keys(link.written).sort()) {
    const slot = slotAt(text, pathOf(text), known);
    if (isOurs(slot)) retireSlot(retired, slot, link);
  }
  retired.operations.push({ op: 'replace', path: 'active', value: false });
  retired.before['active'] = actual?.active ?? link.active;
  retired.after['active'] = false;
  return retired;
}

function retireSlot(retired: Retirement, slot: Slot, link: Link): void {
  const { path, text, written } = slot;
  if (path.attribute.toLowerCase() === 'phonenumbers') {
    const operations = removeOperations(slot);
    if (operations.length > 0) record(retired, slot, operations, null);
    return;
  }
  const id = externalIdOf(slot);
  if (id === null || id.toLowerCase() === link.anchor) return;
  const archived = `retired-${link.anchor.slice(0, 8)}-${id}`;
  const whole = path.selector !== null && path.sub === null;
  const place = whole ? formatPath({ ...path, sub: 'value' }) : text;
  const after = whole && isObject(written) ? { ...written, value: archived } : archived;
  record(retired, slot, [{ op: 'replace', path: place, value: archived }], after);
}

function record(retired: Retirement, slot: Slot, operations: PatchOperation[], after: ScimValue | null): void {
  retired.operations.push(...operations);
  retired.before[slot.text] = presentValue(slot);
  retired.after[slot.text] = after;
}

/** The external id that was written there; null where the place is another attribute's. */
function externalIdOf({ path, written }: Slot): string | null {
  const name = path.attribute.toLowerCase();
  if (name !== 'externalid' && name !== 'externalids') return null;
  const value = isObject(written) ? (written['value'] ?? null) : written;
  return typeof value === 'string' ? value : null;
}
