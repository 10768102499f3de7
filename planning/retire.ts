import type { Values } from '../model/change.ts';
import type { DesiredUser, Link, PatchOperation, ScimUser, ScimValue } from '../model/user.ts';
import { formatPath } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import { isObject, sameValue } from './compare.ts';
import { loginParts } from './login-parts.ts';
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
  /** Who gets the login. */
  successor: DesiredUser;
  isTaken(login: string): boolean;
}

/**
 * Retires a user: his login and the numbers that Rollcall wrote are freed, an external id made of the login is kept under
 * another value, and he becomes inactive. The display name stays, so that old recordings show the old person, and so
 * does an external id that is his anchor. Nothing that Rollcall does not own is touched.
 */
export function retirement(link: Link, circumstances: Circumstances): Retirement {
  const { actual, isTaken } = circumstances;
  const retired: Retirement = { operations: [], before: {}, after: {} };
  const login = firstFree(spareLogins('retired', link.anchor, link.userName), isTaken);
  const known = { written: link.written, actual };
  const userName = slotAt('userName', pathOf('userName'), known);
  retired.operations.push({ op: 'replace', path: 'userName', value: login });
  retired.before['userName'] = presentValue(userName) ?? link.userName;
  retired.after['userName'] = login;
  for (const text of Object.keys(link.written).sort()) {
    const slot = slotAt(text, pathOf(text), known);
    if (isOurs(slot)) retireSlot(retired, slot, link, circumstances.successor);
  }
  retired.operations.push({ op: 'replace', path: 'active', value: false });
  retired.before['active'] = actual?.active ?? link.active;
  retired.after['active'] = false;
  return retired;
}

function retireSlot(retired: Retirement, slot: Slot, link: Link, successor: DesiredUser): void {
  const { path, text, written } = slot;
  const name = path.attribute.toLowerCase();
  if (name === 'phonenumbers') {
    const operations = removeOperations(slot);
    if (operations.length > 0) record(retired, slot, operations, null);
    return;
  }
  const id = externalIdOf(slot);
  if (id === null || id.toLowerCase() === link.anchor) return;
  if (!isMadeOfLogin(id, link) && !isWantedBy(successor, text, path, written)) return;
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

function isMadeOfLogin(id: string, { userName }: Link): boolean {
  const login = userName.toLowerCase();
  return [login, loginParts(login).local].includes(id.toLowerCase());
}

/** External ids are unique: one that the successor shall have has to be given up like the login. */
function isWantedBy(successor: DesiredUser, text: string, path: AttributePath, written: ScimValue | null): boolean {
  const wanted = successor.attributes.find((one) => one.path === text)?.value ?? null;
  return wanted !== null && written !== null && sameValue(path, wanted, written);
}
