import { afterAll, describe, expect, test } from 'vitest';
import type { ScheduleSettings } from '../model/settings.ts';
import { config, ConfigFolder } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());

const load = (schedule: Json): ScheduleSettings | null => folder.load(config({ schedule })).schedule;

describe('the schedule section', () => {
  test('absent or blank means that runs start by hand alone', () => {
    expect(folder.load(config()).schedule).toBeNull();
    expect(folder.load(config({ schedule: null })).schedule).toBeNull();
  });

  test('takes an interval or a cron expression for each mode, in UTC unless it says otherwise', () => {
    expect(load({ delta: 'every 15m', full: ' 0  2 * * * ', timezone: 'europe/berlin' })).toEqual({
      delta: { text: 'every 15m', cron: null, intervalMs: 900_000 },
      full: { text: '0 2 * * *', cron: '0 2 * * *', intervalMs: 3_600_000 },
      timezone: 'Europe/Berlin',
    });
    expect(load({ full: 'every 1d' })).toEqual({
      delta: null,
      full: { text: 'every 1d', cron: null, intervalMs: 86_400_000 },
      timezone: 'UTC',
    });
  });

  test('keeps another name of a time zone as it was written', () => {
    expect(load({ full: 'every 1d', timezone: 'Asia/Kolkata' })?.timezone).toBe('Asia/Kolkata');
  });

  test.each([
    ['* * * * *', 1],
    ['*/5 * * * *', 5],
    ['3,10,40-50/2 * * * *', 2],
    ['50,5 * * * *', 15],
    ['20/30 0-6,22 1-7,31 * *', 30],
    ['0 2 * JAN-mar,12 *', 60],
    ['0 2 29 2 *', 60],
    ['0 2 */1 * MON-fri', 60],
    ['0 2 1 * 0-7', 60],
    ['0 2 * * 7', 60],
  ])('%s is at least %i minutes apart', (cron, minutes) => {
    expect(load({ delta: cron })?.delta).toEqual({ text: cron, cron, intervalMs: minutes * 60_000 });
  });

  test('decides no plan', () => {
    expect(folder.load(config({ schedule: { delta: 'every 1h' } })).hash).toBe(folder.load(config()).hash);
  });
});

describe('a schedule that cannot work is refused in one sentence', () => {
  const anInterval = 'schedule.delta must be every and a whole number with s, m, h or d, from 1s to 365d';
  const fiveFields =
    'schedule.delta must be every and a duration, such as every 15m, or a cron expression of five fields';
  const aZone = 'schedule.timezone must be a time zone of the IANA database, such as Europe/Berlin or UTC.';
  test.each<[string, Json, string]>([
    ['no mode', { timezone: 'UTC' }, 'schedule says neither delta nor full'],
    ['an unknown key', { deltas: 'every 15m' }, 'schedule.deltas is unknown; did you mean "delta"?'],
    ['an interval in words', { delta: 'every fifteen minutes' }, anInterval],
    ['an interval without a unit', { delta: 'every 15' }, anInterval],
    ['no interval', { delta: 'every 0m' }, anInterval],
    ['too long an interval', { delta: 'every 366d' }, anInterval],
    ['a bare duration', { delta: '15m' }, fiveFields],
    ['a shorthand', { delta: '@daily' }, fiveFields],
    ['seconds', { delta: '0 0 2 * * *' }, fiveFields],
    ['a minute too large', { full: '60 2 * * *' }, 'schedule.full has "60" for the minute: use numbers from 0 to 59'],
    ['an hour too large', { full: '0 24 * * *' }, 'schedule.full has "24" for the hour'],
    [
      'no such weekday',
      { full: '0 2 * * tues' },
      'schedule.full has "tues" for the day of the week: use numbers from 0 to 7 or names such as mon',
    ],
    ['a range that runs backwards', { full: '0 22-6 * * *' }, 'schedule.full has "22-6" for the hour'],
    ['a step of nothing', { full: '*/0 2 * * *' }, 'schedule.full has "*/0" for the minute'],
    ['a half list', { full: '0, 2 * * *' }, 'schedule.full has "" for the minute'],
    ['a date that never comes', { full: '0 2 31 4,6 *' }, 'schedule.full names a date that no year has'],
    ['days of both kinds', { full: '0 2 1 * mon' }, 'schedule.full names days of the month and days of the week'],
    ['an unknown time zone', { full: '0 2 * * *', timezone: 'Europe/Berlinn' }, aZone],
    ['an offset', { full: '0 2 * * *', timezone: '+01:00' }, aZone],
  ])('%s', (_, schedule, sentence) => {
    expect(() => load(schedule)).toThrow(sentence);
    expect(() => load(schedule)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
