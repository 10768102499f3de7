import { fail } from './fault.ts';

interface Field {
  name: string;
  least: number;
  most: number;
  /** Names of the values from `least` on. */
  names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** The fields in the order in which they are written; Sunday is 0 and 7. */
const FIELDS = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of the week', least: 0, most: 7, names: DAYS },
] as const satisfies readonly Field[];

/** Days of each month; a leap year counts, since such a schedule does fire. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTE_MS = 60_000;
const PART = /^(?<from>\*|\w+)(?:-(?<to>\w+))?(?:\/(?<step>\d{1,4}))?$/;

export interface Cron {
  /** The expression with single spaces. */
  text: string;
  /** Least time between two firings that the minutes allow, at most one hour. */
  shortestGapMs: number;
}

/** Reads a cron expression of five fields, as Temporal's server understands it; `key` is where it stands. */
export function readCron(expression: string, key: string): Cron {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) {
    fail(
      key,
      'must be every and a duration, such as every 15m, or a cron expression of five fields (minute, hour, day of the month, month, day of the week), such as 0 2 * * *.',
    );
  }
  const [minutes, , days, months, weekdays] = FIELDS.map((field, index) => valuesOf(texts[index] ?? '', field, key));
  checkDays(days ?? [], months ?? [], weekdays ?? [], key);
  return { text: texts.join(' '), shortestGapMs: shortestGap(minutes ?? []) };
}

/** Temporal fires when both fields fit, other crons when either does: who writes both cannot know what he gets. */
function checkDays(days: number[], months: number[], weekdays: number[], key: string): void {
  const everyWeekday = new Set(weekdays.map((day) => day % 7)).size === 7;
  if (days.length < 31 && !everyWeekday) {
    fail(key, 'names days of the month and days of the week, which is ambiguous: write * for one of them.');
  }
  const longest = Math.max(...months.map((month) => LENGTHS[month - 1] ?? 0));
  if (Math.min(...days) > longest) fail(key, 'names a date that no year has; correct the day of the month.');
}

function shortestGap(minutes: number[]): number {
  const [first = 0] = minutes;
  const gaps = minutes.map((minute, index) => (minutes[index + 1] ?? first + 60) - minute);
  return Math.min(...gaps) * MINUTE_MS;
}

/** Every value that a field takes in, in ascending order. */
function valuesOf(text: string, field: Field, key: string): number[] {
  const values = text.split(',').flatMap((part) => valuesOfPart(part, field, key));
  return [...new Set(values)].sort((one, other) => one - other);
}

function valuesOfPart(part: string, field: Field, key: string): number[] {
  const groups = PART.exec(part)?.groups;
  const from = groups?.['from'];
  if (from === undefined || (from === '*' && groups?.['to'] !== undefined)) refuse(part, field, key);
  const start = from === '*' ? field.least : valueOf(from, field);
  const step = Number(groups?.['step'] ?? 1);
  const end = endOf(groups, start, field);
  if (!(start <= end && step > 0)) refuse(part, field, key);
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}

/** A single value with a step goes on to the field's end, as the server has it. */
function endOf(groups: Record<string, string | undefined> | undefined, start: number, field: Field): number {
  const to = groups?.['to'];
  if (to !== undefined) return valueOf(to, field);
  return groups?.['from'] === '*' || groups?.['step'] !== undefined ? field.most : start;
}

/** NaN for what is no value of the field. */
function valueOf(text: string, { names, least, most }: Field): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : NaN;
}

function refuse(part: string, { name, least, most, names }: Field, key: string): never {
  const spelled = names.length === 0 ? '' : ` or names such as ${names[1]}`;
  fail(
    key,
    `has "${part}" for the ${name}: use numbers from ${least} to ${most}${spelled}, ranges such as ${least + 1}-${least + 3}, steps such as */2, or *.`,
  );
}
