import type { DirectorySettings } from '../model/settings.ts';
import { fileTime, generalizedTime, isoTime, moment } from './times.ts';

/** What decides whether a person may work now; see {@link Entry} of the model. */
export interface EnabledState {
  enabled: boolean;
  disabledBecause: string | null;
  dueAt: string | null;
}

export type EnabledRules = Pick<DirectorySettings, 'disabledWhen' | 'startsAt'>;

/** Directory attributes that the rule reads, whatever the configuration says. */
export const STATE_ATTRIBUTES: readonly string[] = [
  'userAccountControl',
  'accountExpires',
  'pwdAccountLockedTime',
  'pwdStartTime',
  'pwdEndTime',
];

/** Bit ACCOUNTDISABLE of `userAccountControl`; the value is rarely just 512 or 514. */
const ACCOUNT_DISABLED = 2;
/** How ppolicy spells "locked for good by an administrator"; any other time is a lockout that mistyped passwords cause too. */
const LOCKED_FOR_GOOD = /^000001010000(?:00)?Z$/;

/** A moment with the sign that names it. */
interface Bound {
  at: number;
  sign: string;
}

/**
 * Whether a directory entry says that the person may work now. Any sign of being disabled counts, whichever vendor wrote
 * it; no sign at all means enabled. A lockout, an expired password and `pwdLastSet` are no signs.
 * @param attributes names in lower case, values in server order
 */
export function enabledState(attributes: Record<string, string[]>, rules: EnabledRules, now: Date): EnabledState {
  const sign = lastingSign(attributes, rules);
  if (sign !== null) return { enabled: false, disabledBecause: sign, dueAt: null };
  const end = earliest(endings(attributes));
  const start = latest(beginnings(attributes, rules));
  const at = now.getTime();
  if (end !== null && end.at <= at) return { enabled: false, disabledBecause: `${end.sign} has passed`, dueAt: null };
  if (start !== null && start.at > at) {
    const neverWorks = end !== null && end.at <= start.at;
    return {
      enabled: false,
      disabledBecause: `${start.sign} is still to come`,
      dueAt: neverWorks ? null : isoTime(start.at),
    };
  }
  return { enabled: true, disabledBecause: null, dueAt: end === null ? null : isoTime(end.at) };
}

/** A sign that time alone does not lift. */
function lastingSign(attributes: Record<string, string[]>, { disabledWhen }: EnabledRules): string | null {
  const control = first(attributes, 'userAccountControl');
  if (control !== undefined && (Number.parseInt(control, 10) & ACCOUNT_DISABLED) !== 0) {
    return 'userAccountControl says disabled';
  }
  if (LOCKED_FOR_GOOD.test(first(attributes, 'pwdAccountLockedTime') ?? '')) {
    return 'pwdAccountLockedTime says locked for good';
  }
  if (disabledWhen === null) return null;
  const wanted = new Set(disabledWhen.equals.map(fold));
  const values = attributes[disabledWhen.attribute.toLowerCase()] ?? [];
  const hit = values.find((value) => wanted.has(fold(value)));
  return hit === undefined ? null : `${disabledWhen.attribute} is ${fold(hit)}`;
}

function endings(attributes: Record<string, string[]>): Bound[] {
  return bounds([
    ['accountExpires', fileTime(first(attributes, 'accountExpires') ?? '')],
    ['pwdEndTime', generalizedTime(first(attributes, 'pwdEndTime') ?? '')],
  ]);
}

function beginnings(attributes: Record<string, string[]>, { startsAt }: EnabledRules): Bound[] {
  const begin = startsAt === null ? null : moment(first(attributes, startsAt.attribute) ?? '');
  return bounds([
    ['pwdStartTime', generalizedTime(first(attributes, 'pwdStartTime') ?? '')],
    [startsAt?.attribute ?? '', begin === null || startsAt === null ? null : begin - startsAt.leadMs],
  ]);
}

function bounds(moments: [sign: string, at: number | null][]): Bound[] {
  return moments.flatMap(([sign, at]) => (at === null ? [] : [{ sign, at }]));
}

function earliest(found: Bound[]): Bound | null {
  return found.toSorted((a, b) => a.at - b.at)[0] ?? null;
}

function latest(found: Bound[]): Bound | null {
  return found.toSorted((a, b) => b.at - a.at)[0] ?? null;
}

function first(attributes: Record<string, string[]>, name: string): string | undefined {
  return attributes[name.toLowerCase()]?.[0]?.trim();
}

/** LDAP Booleans and configured values compare ignoring case and surrounding spaces. */
function fold(value: string): string {
  return value.trim().toLowerCase();
}
