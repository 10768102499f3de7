import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import type { ScheduledMode } from '../model/run.ts';
import type { ScheduleTimes } from '../model/settings.ts';
import { scheduleId, scheduleWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { ScheduledSyncInput } from '../workflows/messages.ts';

/**
 * How late a missed start may still be made up for, after an outage of the server (whose default is a year). A missed
 * delta is worth nothing once the next one is due; a nightly full is still wanted in the morning.
 */
const CATCHUP_MS: Record<ScheduledMode, number> = { delta: 10 * 60_000, full: 6 * 3_600_000 };
const LONGEST_JITTER_MS = 60_000;

/** What the memo of a scheduled workflow carries, so that `schedule list` can show it as the operator wrote it. */
export interface ScheduleMemo {
  times: string;
  timezone: string;
}

/** The Temporal Schedule of one mode. `actor` is who applies it; `note` is kept in clear. */
export function scheduleDefinition(
  sync: string,
  mode: ScheduledMode,
  { times, timezone }: { times: ScheduleTimes; timezone: string },
  { actor, note }: { actor: string; note: string },
) {
  const input: ScheduledSyncInput = { sync, mode, actor: `schedule (applied by ${actor})` };
  const memo: ScheduleMemo = { times: times.text, timezone };
  return {
    scheduleId: scheduleId(sync, mode),
    spec: {
      ...(times.cron === null ? { intervals: [{ every: times.intervalMs }] } : { cronExpressions: [times.cron] }),
      timezone,
      jitter: jitterOf(times),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledSync',
      workflowId: scheduleWorkflowId(sync, mode),
      taskQueue: taskQueue(sync),
      args: [input],
      memo: { ...memo },
      staticSummary: `scheduled ${mode} run of ${sync} (${times.text})`,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: CATCHUP_MS[mode],
      pauseOnFailure: true,
    },
    state: { paused: false, note },
  } satisfies ScheduleOptions;
}

/** A tenth of the interval, at most a minute: many syncs shall not fall upon one directory in the same second. */
function jitterOf({ intervalMs }: ScheduleTimes): number {
  return Math.min(Math.floor(intervalMs / 10), LONGEST_JITTER_MS);
}
