import { WorkflowNotFoundError } from '@temporalio/client';
import { SCHEDULED_MODES, type ScheduledMode } from '../../model/run.ts';
import type { PauseInput } from '../../workflows/messages.ts';
import { EXIT } from '../exit.ts';
import { askProgress } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { findRunning, type RunningRun } from '../running.ts';
import { findSchedule } from '../schedule-rows.ts';
import { actorOf, withSession, type ActingOptions, type Session } from '../session.ts';
import { noteOf, scheduleClient } from './schedule.ts';

export interface PauseOptions extends ActingOptions {
  reason?: string;
}

type Change = 'paused' | 'resumed';

/** What `pause --json` and `resume --json` print: only what the command changed. */
export interface Told {
  sync: string;
  schedules: { mode: ScheduledMode; scheduleId: string; change: Change }[];
  run: { runId: string; workflowId: string; change: Change } | null;
}

/**
 * `pause`: no run starts by itself, and the one that is going on begins no further user. It stays open and keeps the lock.
 * With nothing to pause it says so and ends with 0: what was asked for holds.
 */
export function pause(options: PauseOptions): Promise<number> {
  const input: PauseInput = { actor: actorOf(options), reason: options.reason ?? null };
  return tell(options, 'paused', (handle) => handle.signal('pause', input));
}

/** `resume`: lets both go on, whoever or whatever paused them. */
export function resume(options: PauseOptions): Promise<number> {
  return tell(options, 'resumed', (handle) => handle.signal('resume'));
}

function tell(
  options: PauseOptions,
  change: Change,
  signal: (handle: RunningRun['handle']) => Promise<void>,
): Promise<number> {
  return withSession(options, async (session) => {
    const sync = session.settings.name;
    const schedules = await tellSchedules(session, options, change);
    const told: Told = { sync, schedules, run: await tellRun(session, change, signal) };
    if (options.json === true) sayJson(told);
    else say(sentences(told, change).join('\n'));
    return EXIT.done;
  });
}

/** Schedules that stand already as they shall are left out, so that the note that says why stays. */
async function tellSchedules(session: Session, options: PauseOptions, change: Change): Promise<Told['schedules']> {
  const { settings } = session;
  const client = await session.temporal();
  const found = await Promise.all(SCHEDULED_MODES.map((mode) => findSchedule(client, settings.name, mode)));
  const due = SCHEDULED_MODES.flatMap((mode, index) => {
    const schedule = found[index] ?? null;
    return schedule !== null && schedule.state.paused === (change === 'resumed')
      ? [{ mode, scheduleId: schedule.scheduleId, change }]
      : [];
  });
  const remark = due.length === 0 ? '' : noteOf(change, options, settings);
  const schedules = scheduleClient(client, settings, actorOf(options));
  for (const { scheduleId } of due) {
    const handle = schedules.getHandle(scheduleId);
    await (change === 'paused' ? handle.pause(remark) : handle.unpause(remark));
  }
  return due;
}

/** A run that no worker answers for is told all the same: it hears of it when a worker is back. */
async function tellRun(
  session: Session,
  change: Change,
  signal: (handle: RunningRun['handle']) => Promise<void>,
): Promise<Told['run']> {
  const running = await findRunning(session);
  if (running === null) return null;
  const { handle, runId } = running;
  const progress = change === 'resumed' ? await askProgress(handle) : null;
  if (progress !== null && (progress.paused ?? null) === null) return null;
  try {
    await signal(handle);
  } catch (error) {
    // It ended meanwhile.
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
  return { runId, workflowId: handle.workflowId, change };
}

function sentences({ sync, schedules, run }: Told, change: Change): string[] {
  if (schedules.length === 0 && run === null) {
    return [
      change === 'paused'
        ? `There is nothing to pause: no run of sync ${sync} is going on, and no schedule that could start one is active.`
        : `There is nothing to resume: neither a run nor a schedule of sync ${sync} is paused.`,
    ];
  }
  const lines = schedules.map(({ mode }) => `The ${mode} schedule of sync ${sync} is ${change}.`);
  if (run === null) return lines;
  const effect =
    change === 'paused'
      ? 'is paused: users in flight finish, nobody else is begun until `resume`. It keeps the lock; `cancel` ends it.'
      : 'goes on.';
  return [...lines, `Run ${run.runId} ${effect}`];
}
