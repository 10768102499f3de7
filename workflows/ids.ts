import type { ScheduledMode } from '../model/run.ts';

/**
 * Every workflow id and task queue, in one place. The id is the lock: two runs of one sync cannot be open at once. Ids
 * are never encrypted by Temporal, so they carry names of syncs, run ids and hashes only.
 */

/** The run of a sync, whatever its mode. */
export function runWorkflowId(sync: string): string {
  return `rollcall:${sync}`;
}

export function sliceWorkflowId(sync: string, runId: string, slice: number): string {
  return `rollcall:${sync}:${runId}:slice:${slice}`;
}

/** One recycle: somebody's login goes to the person with this anchor. */
export function recycleWorkflowId(sync: string, runId: string, anchor: string): string {
  return `rollcall:${sync}:${runId}:recycle:${anchor}`;
}

export function approvalWorkflowId(sync: string, batch: string): string {
  return `rollcall:${sync}:approval:${batch}`;
}

/** A run on one person. `which`: the anchor, else the run's id. */
export function provisionWorkflowId(sync: string, which: string): string {
  return `rollcall:${sync}:provision:${which}`;
}

/** A look ahead for `explain`; several may go on at once. */
export function previewWorkflowId(sync: string, runId: string): string {
  return `rollcall:${sync}:preview:${runId}`;
}

/** Base of the ids of scheduled workflows: the server appends the time of each start. */
export function scheduleWorkflowId(sync: string, mode: ScheduledMode): string {
  return `rollcall:${sync}:schedule:${mode}`;
}

/** Id of a Temporal Schedule; schedules and workflows have ids of their own. */
export function scheduleId(sync: string, mode: ScheduledMode): string {
  return `rollcall:${sync}:${mode}`;
}

/** Workflows and every activity that does not call Genesys. */
export function taskQueue(sync: string): string {
  return `rollcall:${sync}`;
}

/** Activities that call Genesys: few slots, so that the backlog waits on the server, where priorities count. */
export function genesysTaskQueue(sync: string): string {
  return `rollcall:${sync}:genesys`;
}
