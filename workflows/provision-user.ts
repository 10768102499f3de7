import {
  ApplicationFailure,
  CancellationScope,
  executeChild,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { applySlice } from './apply-slice.ts';
import { failureSentence } from './failure-sentence.ts';
import { sliceWorkflowId } from './ids.ts';
import { progressQuery, type ProvisionInput, type ProvisionResult, type RunProgress } from './messages.ts';
import { genesysRead, longStep, stateStep, URGENT } from './retry.ts';
import { showRun } from './search-attributes.ts';
import { startAfresh } from './start-afresh.ts';
import { askForApproval, close, enter, freshProgress, PROGRESS } from './sync-run.ts';

/**
 * A run on one person, now, beside whatever run of the sync is going on: find the person, read, plan, guard, write, close,
 * by the same steps and rules as a run on everybody. Its workflow id keeps a second one of the same person out; no lock
 * of the sync is taken, since each write holds a lock of its person and of the user that it changes.
 */
export async function provisionUser({ anchor, ...asked }: ProvisionInput): Promise<ProvisionResult> {
  const input = { ...asked, batch: null };
  const progress: RunProgress = freshProgress();
  setHandler(progressQuery, () => progress, { description: PROGRESS });
  showRun(input);
  try {
    const holds = await planFor({ ...asked, anchor }, progress);
    if (!input.dryRun) await write(asked, enter('applying', input, progress));
    return { ...(await close(input, progress, null)), holds };
  } catch (error) {
    await CancellationScope.nonCancellable(() => close(input, progress, error));
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.create({ message: failureSentence(error), type: 'RunFailed', nonRetryable: true });
  }
}

/** Plans for the one person; returns what the guard says against it. */
async function planFor({ anchor, ...asked }: ProvisionInput, progress: RunProgress): Promise<string[]> {
  const { runId, sync, mode } = asked;
  const [run, input] = [
    { runId, sync },
    { ...asked, batch: null },
  ];
  const onState = proxyActivities<Activities>(stateStep);
  const long = proxyActivities<Activities>(longStep);
  const genesys = proxyActivities<Activities>({ ...genesysRead(sync), priority: URGENT });

  enter('opening', input, progress);
  await onState.openRun({ ...input, workflowId: workflowInfo().workflowId });
  const { unfinished } = await long.findPerson({ ...run, anchor });
  if (unfinished > 0 && mode === 'provision') await genesys.resolveUnfinished(run);
  enter('reading', input, progress);
  progress.warning = (await long.readDirectory(run)).frozen;
  enter('planning', input, progress);
  await long.planChanges(run);
  const { reasons, ...guarded } = await onState.guardPlan(run);
  Object.assign(progress, guarded);
  if (guarded.heldBatch !== null)
    await askForApproval(input, guarded.heldBatch, guarded.batchSize, guarded.expiresInMs);
  return reasons ?? [];
}

/** Ahead of every other write that waits. */
async function write({ runId, sync, actor }: Omit<ProvisionInput, 'anchor'>, progress: RunProgress): Promise<void> {
  const { nextSlices } = proxyActivities<Activities>(stateStep);
  for (const slice of await nextSlices({ runId, after: 0 })) {
    progress.slices += 1;
    const workflowId = sliceWorkflowId(sync, runId, progress.slices);
    const result = await startAfresh(workflowId, () =>
      executeChild(applySlice, {
        workflowId,
        args: [{ runId, sync, actor, slice, priority: URGENT.priorityKey }],
        staticSummary: `${slice.kind} (wave ${slice.wave})`,
      }),
    );
    for (const end of ['applied', 'parked', 'superseded'] as const) progress[end] += result[end];
  }
}
