import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { failureSentence } from './failure-sentence.ts';
import { stateStep } from './retry.ts';

/** Ends the change of a write that gave up; rethrows what concerns the whole run. */
export async function parkWrite(change: { runId: string; seq: number }, error: unknown): Promise<'parked'> {
  if (isCancellation(error) || isFatal(error)) throw error;
  // A cancelled activity is not tried again, so this failure is not final: what it left is settled when the run closes.
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled while a write was open');
  const { parkChange } = proxyActivities<Activities>(stateStep);
  const ended =
    error instanceof ChildWorkflowFailure ? 'Its workflow ended early' : 'No success within 30 minutes; last';
  const { runId, seq } = change;
  await CancellationScope.nonCancellable(() =>
    parkChange({ runId, seq, message: `${ended}: ${failureSentence(error)}` }),
  );
  return 'parked';
}

/** True for what would fail for everybody, such as bad credentials. */
export function isFatal(error: unknown): boolean {
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}
