import type { Entry } from 'ldapts';
import type { SimUser, Simulator } from '../../simulator/start.ts';
import type { StaffDirectory } from './staff-directory.ts';

/**
 * The oracle of the end-to-end tests: who must be in Genesys Cloud, worked out from the directory by code that shares
 * nothing with mapping and planning. It knows only the values that these tests put into a directory.
 */
export interface ShownUser {
  userName: string;
  displayName: string;
  title: string | null;
  department: string | null;
  employeeNumber: string | null;
  phones: string[];
  mails: string[];
  externalId: string | null;
  /** `authority=value`, without the entry that mirrors `externalId`. */
  externalIds: string[];
  /** External id of the manager. */
  manager: string | null;
}

/** Everybody below the units who may work now, as the shipped mapping describes them; in order of external id. */
export async function expectedUsers(directory: StaffDirectory, ...units: string[]): Promise<ShownUser[]> {
  const entries = (await Promise.all(units.map((unit) => peopleBelow(directory, unit)))).flat();
  const working = entries.filter(isEnabled);
  const anchors = new Map(working.map((entry) => [dnKey(entry.dn), anchorOf(entry)]));
  return inOrder(working.map((entry) => expectedUser(entry, anchors)));
}

/** The active users of a simulator, reduced to what the shipped mapping owns; in order of external id. */
export function shownUsers(simulator: Simulator): ShownUser[] {
  const users = simulator.users();
  const externalIds = new Map(users.map(({ id, externalId }) => [id, externalId]));
  return inOrder(users.filter(({ state }) => state === 'active').map((user) => shownUser(user, externalIds)));
}

function inOrder(users: ShownUser[]): ShownUser[] {
  return users.toSorted((a, b) => (a.externalId ?? '').localeCompare(b.externalId ?? ''));
}

async function peopleBelow(directory: StaffDirectory, unit: string): Promise<Entry[]> {
  const filter = directory.vendor === 'ad' ? '(sAMAccountName=*)' : '(uid=*)';
  const options = { filter, attributes: ['*', '+'], explicitBufferAttributes: ['objectGUID'], paged: true };
  return (await directory.asAdmin((client) => client.search(unit, options))).searchEntries;
}

function expectedUser(entry: Entry, anchors: Map<string, string>): ShownUser {
  const mail = text(entry, 'mail');
  const userName = (text(entry, 'userPrincipalName') ?? mail ?? '').toLowerCase();
  const anchor = anchorOf(entry);
  const manager = text(entry, 'manager');
  const authority = text(entry, 'sAMAccountName') === null ? 'ldap-entryuuid' : 'ad-objectguid';
  return {
    userName,
    displayName: text(entry, 'displayName') ?? text(entry, 'cn') ?? '',
    title: text(entry, 'title'),
    department: text(entry, 'department') ?? text(entry, 'departmentNumber'),
    employeeNumber: text(entry, 'employeeID') ?? text(entry, 'employeeNumber'),
    phones: [text(entry, 'telephoneNumber')].filter((number) => number !== null).map(e164),
    mails: mail === null || mail.toLowerCase() === userName ? [] : [mail],
    externalId: anchor,
    externalIds: [`${authority}=${anchor}`],
    manager: manager === null ? null : (anchors.get(dnKey(manager)) ?? null),
  };
}

function shownUser(user: SimUser, externalIds: Map<string, string | null>): ShownUser {
  const { userName, displayName, title, department, employeeNumber, externalId, manager } = user;
  return {
    ...{ userName, displayName, title, department, employeeNumber, externalId },
    phones: user.phoneNumbers.filter(({ type }) => type === 'work').map(({ value }) => value),
    mails: user.emails.map(({ value }) => value),
    externalIds: user.externalIds.map(({ authority, value }) => `${authority}=${value}`),
    manager: manager === null ? null : (externalIds.get(manager) ?? 'nobody'),
  };
}

const FILETIME_EPOCH_MS = -11_644_473_600_000n;

function isEnabled(entry: Entry): boolean {
  if ((Number(text(entry, 'userAccountControl') ?? 0) & 2) === 2) return false;
  if (text(entry, 'pwdAccountLockedTime') === '000001010000Z') return false;
  const expires = BigInt(text(entry, 'accountExpires') ?? 0);
  if (expires === 0n || expires === 9_223_372_036_854_775_807n) return true;
  return expires / 10_000n + FILETIME_EPOCH_MS > BigInt(Date.now());
}

/** The anchor of an entry in canonical form; the first three groups of an objectGUID are little-endian. */
export function anchorOf(entry: Entry): string {
  const guid = entry['objectGUID'];
  if (!Buffer.isBuffer(guid)) return (text(entry, 'entryUUID') ?? '').toLowerCase();
  const part = (from: number, to: number): string => guid.subarray(from, to).toString('hex');
  const turned = (from: number, to: number): string => Buffer.from(guid.subarray(from, to)).reverse().toString('hex');
  return [turned(0, 4), turned(4, 6), turned(6, 8), part(8, 10), part(10, 16)].join('-');
}

function text(entry: Entry, name: string): string | null {
  const value = [entry[name]].flat()[0];
  return value === undefined || value.length === 0 ? null : value.toString();
}

/** These tests write German numbers alone, with or without the country's code. */
function e164(number: string): string {
  const digits = number.replace(/\D/g, '');
  return number.startsWith('0') ? `+49${digits.slice(1)}` : `+${digits}`;
}

/** These tests use no DN in which an escape or a space matters. */
function dnKey(dn: string): string {
  return dn.toLowerCase();
}
