import {
  ScheduleNotFoundError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { SCHEDULED_MODES, type RunOutcome, type ScheduledMode } from '../model/run.ts';
import type { Settings } from '../model/settings.ts';
import { scheduleId } from '../workflows/ids.ts';
import type { ScheduledSyncResult } from '../workflows/messages.ts';

/** How many coming starts are shown. */
const NEXT = 3;

/** One line of `schedule list`. */
export interface ScheduleRow {
  mode: ScheduledMode;
  scheduleId: string;
  /** As applied: `every 15m` or a cron expression. */
  times: string;
  timezone: string;
  paused: boolean;
  /** Who did the last thing to it and why; why it is paused. */
  note: string;
  /** ISO times of the next starts, before their jitter; none while paused. */
  next: string[];
  /** The newest start. */
  last: LastStart | null;
  /** Starts so far, and those left out since the one before was still going on, or since they would have come too late. */
  started: number;
  skipped: number;
  missed: number;
  /** False when the configuration says something else: then `schedule apply` is due. */
  asConfigured: boolean;
}

export interface LastStart {
  at: string;
  workflowId: string;
  /** `terminated` from outside; `unknown` once Temporal has forgotten it. */
  outcome: RunOutcome | 'running' | 'terminated' | 'unknown';
  /** The run it started; null when there is none or it is not known yet. */
  runId: string | null;
  error: string | null;
}

/** The schedules of a sync that Temporal has, in the order of their modes. */
export async function scheduleRows(client: Client, settings: Settings): Promise<ScheduleRow[]> {
  const rows = await Promise.all(SCHEDULED_MODES.map((mode) => scheduleRow(client, settings, mode)));
  return rows.filter((row) => row !== null);
}

/** What Temporal has under the id of a mode's schedule; null when there is none. */
export async function findSchedule(
  client: Client,
  sync: string,
  mode: ScheduledMode,
): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(scheduleId(sync, mode)).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function scheduleRow(client: Client, settings: Settings, mode: ScheduledMode): Promise<ScheduleRow | null> {
  const found = await findSchedule(client, settings.name, mode);
  if (found === null) return null;
  const { info, state } = found;
  const memo = found.action.memo ?? {};
  const times = textOf(memo['times']);
  const timezone = textOf(memo['timezone']);
  const wanted = settings.schedule?.[mode]?.text;
  return {
    mode,
    scheduleId: found.scheduleId,
    times,
    timezone,
    paused: state.paused,
    note: state.note ?? '',
    next: state.paused ? [] : info.nextActionTimes.slice(0, NEXT).map((time) => time.toISOString()),
    last: await lastStart(client, info.recentActions.at(-1)),
    started: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    asConfigured: times === wanted && timezone === settings.schedule?.timezone,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

async function lastStart(
  client: Client,
  action: ScheduleDescription['info']['recentActions'][number] | undefined,
): Promise<LastStart | null> {
  if (action === undefined) return null;
  const { workflowId, firstExecutionRunId } = action.action.workflow;
  return { at: action.takenAt.toISOString(), workflowId, ...(await endOf(client, workflowId, firstExecutionRunId)) };
}

async function endOf(
  client: Client,
  workflowId: string,
  firstExecutionRunId: string,
): Promise<Pick<LastStart, 'outcome' | 'runId' | 'error'>> {
  const handle = client.workflow.getHandle<() => Promise<ScheduledSyncResult>>(workflowId, firstExecutionRunId);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return { outcome: 'running', runId: null, error: null };
    if (status.name === 'CANCELLED') return { outcome: 'cancelled', runId: null, error: null };
    if (status.name === 'TERMINATED') return { outcome: 'terminated', runId: null, error: null };
    const { outcome, runId } = await handle.result();
    return { outcome, runId, error: null };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { outcome: 'unknown', runId: null, error: null };
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { outcome: 'failed', runId: null, error: error.cause?.message ?? error.message };
  }
}
