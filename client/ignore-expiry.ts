import { ConfigError } from '../model/errors.ts';

/** How long an ignore lasts, as typed. */
export interface Expiry {
  /** A date, which counts to its end in this machine's time zone, or an ISO time. */
  until?: string;
  /** Milliseconds. */
  for?: number;
}

/** Long enough to mend what is wrong with an entry, short enough that nobody is forgotten. */
const DEFAULT_MS = 30 * 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** A time without a zone would mean another moment on another machine. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * The ISO time at which an ignore ends: 30 days from now unless said otherwise.
 * @throws ConfigError for what is no time, or is past
 */
export function ignoredUntil(expiry: Expiry, now: Date): string {
  const end = expiry.until === undefined ? now.getTime() + (expiry.for ?? DEFAULT_MS) : endOf(expiry.until);
  if (Number.isNaN(new Date(end).getTime())) {
    throw new ConfigError('The end of the ignore is no time; give --until a date such as 2026-12-31 or an ISO time.');
  }
  if (end <= now.getTime()) throw new ConfigError('The end of the ignore is past; give --until a time to come.');
  return new Date(end).toISOString();
}

function endOf(text: string): number {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return TIME.test(text) ? Date.parse(text) : NaN;
  const from = new Date(Number(year), Number(month) - 1, Number(day));
  const exists = from.getMonth() === Number(month) - 1 && from.getDate() === Number(day);
  return exists ? new Date(Number(year), Number(month) - 1, Number(day) + 1).getTime() : NaN;
}
