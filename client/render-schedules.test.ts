import { expect, test } from 'vitest';
import { config, ConfigFolder } from '../test/support/config-folder.ts';
import { renderSchedules } from './render-schedules.ts';
import type { ScheduleRow } from './schedule-rows.ts';

const folder = new ConfigFolder();
const settings = folder.load(config({ name: 'corp', schedule: { delta: 'every 15m', full: '0 2 * * *' } }));
folder.remove();

const DELTA: ScheduleRow = {
  mode: 'delta',
  scheduleId: 'rollcall:corp:delta',
  times: 'every 15m',
  timezone: 'UTC',
  paused: false,
  note: 'applied by ann',
  next: ['2026-11-23T02:15:00.000Z'],
  last: null,
  started: 0,
  skipped: 0,
  missed: 0,
  asConfigured: true,
};
const FULL: ScheduleRow = { ...DELTA, mode: 'full', scheduleId: 'rollcall:corp:full', times: '0 2 * * *' };

test('says when runs start and nothing more where all is as configured', () => {
  const text = renderSchedules(settings, [DELTA, FULL]);
  expect(text).toMatch(/delta +every 15m \(UTC\) +active +2026-11-23T02:15:00.000Z +never +applied by ann/);
  expect(text).not.toContain('schedule apply');
});

test('says why a schedule is paused and how its last run failed', () => {
  const last = {
    at: '2026-11-23T02:00:01.000Z',
    workflowId: 'x',
    outcome: 'failed',
    runId: null,
    error: 'No canary.',
  } as const;
  const text = renderSchedules(settings, [{ ...DELTA, paused: true, next: [], note: 'paused by ann', last }, FULL]);
  expect(text).toMatch(/paused +2026-11-23T02:00:01.000Z failed +paused by ann/);
  expect(text).toContain('delta: No canary.');
});

test('says that apply is due: a mode without a schedule, a schedule that differs, none at all', () => {
  expect(renderSchedules(settings, [DELTA])).toContain('(full); use `schedule apply`');
  expect(renderSchedules(settings, [{ ...DELTA, asConfigured: false }, FULL])).toContain(
    '(delta); use `schedule apply`',
  );
  const none = renderSchedules(settings, []);
  expect(none).toContain('Sync corp has no schedules; runs start by hand alone.');
  expect(none).toContain('(delta, full); use `schedule apply`');
});
