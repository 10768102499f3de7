import type { ScheduleSettings, ScheduleTimes } from '../model/settings.ts';
import { readCron } from './cron.ts';
import { DURATION, milliseconds } from './durations.ts';
import { fail } from './fault.ts';
import type { Config } from './schema.ts';

const YEAR_MS = 365 * 86_400_000;

/** Checks the `schedule` section; null when there is none. */
export function buildSchedule(config: Config['schedule']): ScheduleSettings | null {
  if (config === undefined) return null;
  const delta = timesOf(config.delta, 'schedule.delta');
  const full = timesOf(config.full, 'schedule.full');
  if (delta === null && full === null) {
    fail('schedule', 'says neither delta nor full: give at least one of them, or remove the key.');
  }
  return { delta, full, timezone: timezoneOf(config.timezone) };
}

function timesOf(text: string | undefined, key: string): ScheduleTimes | null {
  if (text === undefined) return null;
  const [every, duration, ...rest] = text.trim().split(/\s+/);
  if (every !== 'every') {
    const cron = readCron(text, key);
    return { text: cron.text, cron: cron.text, intervalMs: cron.shortestGapMs };
  }
  const intervalMs = duration !== undefined && DURATION.test(duration) ? milliseconds(duration) : 0;
  if (rest.length > 0 || intervalMs === 0 || intervalMs > YEAR_MS) {
    fail(key, 'must be every and a whole number with s, m, h or d, from 1s to 365d, such as every 15m.');
  }
  return { text: `every ${duration}`, cron: null, intervalMs };
}

/** Temporal's server wants the time zone database's own spelling, Node takes any case. */
function timezoneOf(name: string | undefined): string {
  if (name === undefined) return 'UTC';
  const known = /^[A-Za-z]/.test(name) ? resolved(name) : null;
  if (known === null) {
    fail('schedule.timezone', 'must be a time zone of the IANA database, such as Europe/Berlin or UTC.');
  }
  return known.toLowerCase() === name.toLowerCase() ? known : name;
}

function resolved(timeZone: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
