import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, log, patched, sleep } from '@temporalio/workflow';
import { failureSentence } from './failure-sentence.ts';

/** Steps in which a new child waits for the one before it to end. */
const STEP = '1s';

/**
 * Starts a child workflow, or carries it out to its end. Where one of its id goes on already, this execution came of a reset: the one before it started
 * that child, and nobody waits for it any more. It is cancelled, which lets users in flight finish, and the new one starts
 * when it has ended; whomever it did not come to is still planned.
 */
export async function startAfresh<T>(workflowId: string, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      // A run that an earlier release failed for this reason may be closing right now.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !patched('children-left-behind')) throw error;
      await endLeftBehind(workflowId);
    }
  }
}

async function endLeftBehind(workflowId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).cancel();
  } catch (error) {
    log.info('a child that a reset left behind had ended before it was cancelled', { error: failureSentence(error) });
  }
  await sleep(STEP, { summary: 'a child that a reset left behind ends' });
}
