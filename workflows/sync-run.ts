import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  isCancellation,
  log,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PlanResult } from '../activities/plan-changes.ts';
import { applyPlan } from './apply-plan.ts';
import { approval } from './approval.ts';
import { failureSentence } from './failure-sentence.ts';
import { approvalWorkflowId } from './ids.ts';
import { progressQuery, type RunPhase, type RunProgress, type SyncRunInput, type SyncRunResult } from './messages.ts';
import { RunPause } from './pause.ts';
import { closingStep, genesysRead, longStep, settling, stateStep } from './retry.ts';
import { showOutcome, showRun } from './search-attributes.ts';
import { tellStory } from './story.ts';

/**
 * One run of a sync: read the directory, list Genesys users (full runs), plan, guard, apply, close. Its workflow id is
 * the lock of the sync. It never waits for a person: what the guard holds goes to an `approval` workflow of its own.
 * Fails when the run failed (state then has the sentence), ends cancelled when it was cancelled.
 */
export async function syncRun(input: SyncRunInput): Promise<SyncRunResult> {
  const progress: RunProgress = input.resume ?? freshProgress();
  setHandler(progressQuery, () => progress, { description: PROGRESS });
  const pause = new RunPause(progress, () => tellStory(input, progress));
  showRun(input);
  try {
    if (input.resume === undefined) await makePlan(input, progress);
    if (!input.dryRun) await applyPlan(input, enter('applying', input, progress), pause);
    return await close(input, progress, null);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => close(input, progress, error));
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.create({ message: failureSentence(error), type: 'RunFailed', nonRetryable: true });
  }
}

async function makePlan(input: SyncRunInput, progress: RunProgress): Promise<void> {
  const run = { runId: input.runId, sync: input.sync };
  const onState = proxyActivities<Activities>(stateStep);
  const long = proxyActivities<Activities>(longStep);
  const genesys = proxyActivities<Activities>(genesysRead(input.sync));

  enter('opening', input, progress);
  const { mode, dryRun, actor, batch, rebindBy } = input;
  const { workflowId } = workflowInfo();
  const by = rebindBy === undefined ? {} : { rebindBy };
  const opened = await onState.openRun({ ...run, workflowId, mode, dryRun, actor, batch, ...by });
  if (opened.unfinished > 0) await genesys.resolveUnfinished(run);
  enter('reading', input, progress);
  const read = await long.readDirectory(run);
  progress.warning = read.frozen;
  if (opened.mode === 'full') {
    enter('listing', input, progress);
    await genesys.listGenesysUsers(run);
  }
  enter('planning', input, progress);
  // Plans made before an update of the worker have no result.
  const planned: PlanResult | undefined = await long.planChanges(run);
  progress.warning = [read.frozen, planned?.warning ?? null].filter((part) => part !== null).join(' ') || null;
  const guarded = await onState.guardPlan(run);
  Object.assign(progress, guarded);
  if (guarded.heldBatch !== null)
    await askForApproval(input, guarded.heldBatch, guarded.batchSize, guarded.expiresInMs);
}

/** The approval outlives the run. A second start for the same batch (a reset of this run) finds the first and leaves it. */
export async function askForApproval(
  input: SyncRunInput,
  batch: string,
  size: number,
  expiresInMs: number,
): Promise<void> {
  try {
    await startChild(approval, {
      workflowId: approvalWorkflowId(input.sync, batch),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [{ sync: input.sync, batch, runId: input.runId, size, expiresInMs }],
      staticSummary: `${size} changes of ${input.sync} wait for a decision`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

export async function close(input: SyncRunInput, progress: RunProgress, error: unknown): Promise<SyncRunResult> {
  enter('closing', input, progress);
  const { closeRun } = proxyActivities<Activities>(closingStep);
  const closed = await closeRun({
    runId: input.runId,
    sync: input.sync,
    end: error === null ? 'finished' : isCancellation(error) ? 'cancelled' : 'failed',
    error: error === null || isCancellation(error) ? progress.warning : failureSentence(error),
    heldBatch: progress.heldBatch,
  });
  if (closed.unfinished > 0) await settle(input);
  const result: SyncRunResult = { runId: input.runId, outcome: closed.outcome, heldBatch: progress.heldBatch };
  showOutcome(result, closed);
  const { outcome, parked, held } = closed;
  enter('done', input, Object.assign(progress, { outcome, parked, held }));
  return result;
}

/** Finds out what became of the writes that a run which ended early left in flight; where it cannot, the next run does. */
async function settle({ runId, sync }: SyncRunInput): Promise<void> {
  const { resolveUnfinished } = proxyActivities<Activities>(settling(sync));
  await resolveUnfinished({ runId, sync }).catch((error: unknown) =>
    log.warn('writes in flight stay open until the next run', { error: failureSentence(error) }),
  );
}

export function enter(phase: RunPhase, input: SyncRunInput, progress: RunProgress): RunProgress {
  progress.phase = phase;
  tellStory(input, progress);
  return progress;
}

/** What the Web UI says about the query. */
export const PROGRESS = 'Where the run stands: its phase and the counts of its changes.';

export function freshProgress(): RunProgress {
  const counts = { toApply: 0, applied: 0, parked: 0, superseded: 0, held: 0 };
  return { phase: 'opening', ...counts, doneThrough: 0, slices: 0, heldBatch: null, warning: null };
}
