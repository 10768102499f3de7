/** Milliseconds between 1601-01-01, where FILETIME begins, and 1970-01-01. */
const FILETIME_EPOCH = 11_644_473_600_000n;
const FILETIME_NEVER = 0x7fffffffffffffffn;
/** Date holds no later moment. */
const LATEST = 8_640_000_000_000_000;

/** Milliseconds since 1970 of an AD FILETIME (100 ns since 1601); null for "never" (0, 2^63-1) and for other text. */
export function fileTime(text: string): number | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const ticks = BigInt(text);
  if (ticks === 0n || ticks >= FILETIME_NEVER) return null;
  return Number(ticks / 10_000n - FILETIME_EPOCH);
}

const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d))?)?(?:[.,](\d+))?(?:(Z)|([+-])(\d\d)(\d\d)?)$/;

/** Milliseconds since 1970 of a GeneralizedTime (RFC 4517, 3.3.13); null for other text. */
export function generalizedTime(text: string): number | null {
  const match = GENERALIZED.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction] = match;
  const start = utc(Number(year), Number(month), Number(day), Number(hour), Number(minute ?? 0), Number(second ?? 0));
  if (start === null) return null;
  const unit = minute === undefined ? 3_600_000 : second === undefined ? 60_000 : 1000;
  const part = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * unit);
  const offset = (Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)) * 60_000;
  return start + part - (match[9] === '-' ? -offset : offset);
}

/**
 * A day or moment as directories hold it: GeneralizedTime, `YYYY-MM-DD` (with or without hyphens; midnight UTC), ISO
 * 8601 with an offset, or FILETIME. Null when it is none of these, or "never".
 */
export function moment(text: string): number | null {
  const trimmed = text.trim();
  const day = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(trimmed);
  if (day !== null) return utc(Number(day[1]), Number(day[2]), Number(day[3]), 0, 0, 0);
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(trimmed)) {
    const parsed = Date.parse(trimmed);
    return Number.isNaN(parsed) ? null : parsed;
  }
  return generalizedTime(trimmed) ?? fileTime(trimmed);
}

/** ISO text of a moment, or null where Date cannot hold it. */
export function isoTime(milliseconds: number): string | null {
  return Math.abs(milliseconds) > LATEST ? null : new Date(milliseconds).toISOString();
}

/** Date.UTC without its reading of the years 0 to 99 as 1900 to 1999; null for days that do not exist. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // 60 is a leap second, which Date counts as the next minute.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  return date.setUTCHours(hour, minute, second, 0);
}
