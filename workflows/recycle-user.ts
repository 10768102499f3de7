import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { failureSentence } from './failure-sentence.ts';
import type { RecycleInput } from './messages.ts';
import { parkWrite } from './park-write.ts';
import { labelStep, userWrite } from './retry.ts';

/**
 * Hands a login from somebody who is gone to another person: keeps a picture of the old user, retires him, creates the new
 * one, unless the other person has a user already. Where a step does not succeed the change is parked, and what was done before it stays. Cancelling it ends it
 * before the retirement; once the old user is retired the new one is created all the same.
 */
export async function recycleUser(input: RecycleInput): Promise<'applied' | 'parked' | 'superseded'> {
  const { sync, runId, seq, actor, priority } = input;
  const options = userWrite(sync, priority);
  const activities = proxyActivities<Activities>(options);
  const { describeChanges } = proxyLocalActivities<Activities>(labelStep);
  const [login = `change ${seq}`] = await describeChanges({ runId, from: seq, to: seq });
  const step = (activity: 'snapshotUser' | 'retireUser' | 'createUser', does: string) =>
    activities[activity].executeWithOptions({ ...options, summary: `${does} ${login}` }, [{ runId, seq, actor }]);
  try {
    const kept = await step('snapshotUser', 'keep a picture of the old');
    if (kept.outcome !== 'applied') return kept.outcome;
    const retired = await step('retireUser', 'retire the old');
    if (retired.outcome !== 'applied' || retired.ends) return retired.outcome;
    return (await CancellationScope.nonCancellable(() => step('createUser', 'create the new'))).outcome;
  } catch (error) {
    return await parkWrite({ runId, seq }, error).catch((failure: unknown) => {
      if (isCancellation(failure)) throw failure;
      throw ApplicationFailure.nonRetryable(failureSentence(failure), 'WriteFailed');
    });
  }
}
