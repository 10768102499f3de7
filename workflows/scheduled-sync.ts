import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  sleep,
  startChild,
  TerminatedFailure,
  uuid4,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { failureSentence } from './failure-sentence.ts';
import { runWorkflowId } from './ids.ts';
import { lockWaits } from './lock-waits.ts';
import type { ScheduledSyncInput, ScheduledSyncResult } from './messages.ts';
import type { syncRun } from './sync-run.ts';

/**
 * What a schedule starts. Temporal appends a time to the ids of scheduled workflows, so a schedule cannot start `syncRun`
 * under the id that is the sync's lock; this starts it as a child and stays open as long as it runs, so that the
 * schedule's overlap policy and its pause on failure see the real run. While another run is going on a delta is skipped,
 * for the next one sees the same changes; a full waits, for the next one may be a day away.
 * Fails with the run's sentence; a run that somebody cancelled is no failure. Cancelling this cancels the run.
 */
export async function scheduledSync(input: ScheduledSyncInput): Promise<ScheduledSyncResult> {
  const runId = uuid4();
  const run = await startUnderLock(input, runId);
  if (run === null) {
    setCurrentDetails('Skipped: another run of this sync was going on.');
    return { runId: null, outcome: 'skipped', heldBatch: null };
  }
  setCurrentDetails(`Follows run \`${runId}\` (workflow \`${run.workflowId}\`).`);
  try {
    const result = await run.result();
    setCurrentDetails(`Run \`${runId}\` (workflow \`${run.workflowId}\`) ended: **${result.outcome}**.`);
    return result;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    if (isCancellation(error)) return { runId, outcome: 'cancelled', heldBatch: null };
    throw failure(endOf(error));
  }
}

/** The run once it has the lock; null for a delta that found it taken. */
async function startUnderLock(
  input: ScheduledSyncInput,
  runId: string,
): Promise<ChildWorkflowHandle<typeof syncRun> | null> {
  const first = await startRun(input, runId);
  if (first !== null || input.mode === 'delta') return first;
  for (const wait of lockWaits()) {
    setCurrentDetails('Waits: another run of this sync is going on.');
    await sleep(wait, { summary: 'another run of this sync is going on' });
    const run = await startRun(input, runId);
    if (run !== null) return run;
  }
  throw failure(
    `The scheduled full run of ${input.sync} waited 6 hours for another run to end; cancel that one if it hangs, then trigger the full run and resume its schedule.`,
  );
}

/** Null when a run of this sync is going on. */
async function startRun(
  { sync, mode, actor }: ScheduledSyncInput,
  runId: string,
): Promise<ChildWorkflowHandle<typeof syncRun> | null> {
  try {
    return await startChild<typeof syncRun>('syncRun', {
      workflowId: runWorkflowId(sync),
      taskQueue: workflowInfo().taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      memo: { runId },
      args: [{ runId, sync, mode, dryRun: false, actor, batch: null }],
      staticSummary: `scheduled ${mode} run of ${sync}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

function endOf(error: unknown): string {
  const terminated = error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
  return terminated ? 'The run was terminated from outside; the next run resolves its writes.' : failureSentence(error);
}

function failure(message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: 'RunFailed', nonRetryable: true });
}
