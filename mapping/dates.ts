const TICKS_PER_MILLISECOND = 10_000n;
/** Milliseconds from 1601, where FILETIME begins, to 1970. */
const EPOCH_GAP = 11_644_473_600_000n;
const NEVER = new Set(['0', '9223372036854775807']);
const GENERALIZED =
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?:(?<minute>\d\d)(?<second>\d\d)?)?(?:[.,](?<fraction>\d+))?(?<zone>Z|[+-]\d{2}(?:\d{2})?)$/;

/** A time that is none: `never` (FILETIME 0 and 2^63-1) counts as empty, anything else unreadable as invalid. */
export type ReadTime = Date | 'never' | null;

/** AD's FILETIME: 100 ns since 1601, as decimal text. Null when it is none or beyond the year 9999. */
export function fromFileTime(text: string): ReadTime {
  const digits = text.trim();
  if (!/^\d{1,19}$/.test(digits)) return null;
  if (NEVER.has(digits)) return 'never';
  return plausible(new Date(Number(BigInt(digits) / TICKS_PER_MILLISECOND - EPOCH_GAP)));
}

/** GeneralizedTime of RFC 4517, 3.3.13: minutes and seconds may be missing, the zone may not. */
export function fromGeneralizedTime(text: string): ReadTime {
  const parts = GENERALIZED.exec(text.trim())?.groups;
  if (parts === undefined) return null;
  const number = (name: string): number => Number(parts[name] ?? 0);
  const [year, month, day, hour] = [number('year'), number('month'), number('day'), number('hour')];
  const [minute, second] = [number('minute'), number('second')];
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59)));
  // Date.UTC rolls 31 February over to March, and takes the years 0 to 99 for 1900 to 1999.
  const rolled = local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day || local.getUTCHours() !== hour;
  if (year < 100 || rolled || minute > 59 || second > 60) return null;
  const unit = parts['minute'] === undefined ? 3_600_000 : parts['second'] === undefined ? 60_000 : 1000;
  const fraction = Math.floor(Number(`0.${parts['fraction'] ?? '0'}`) * unit);
  return plausible(new Date(local.getTime() + fraction - offset(parts['zone'] ?? 'Z')));
}

function offset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function plausible(time: Date): Date | null {
  const year = time.getUTCFullYear();
  return Number.isNaN(time.getTime()) || year < 1 || year > 9999 ? null : time;
}
