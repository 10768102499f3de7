import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ChangeKind } from '../model/change.ts';
import { failureSentence } from './failure-sentence.ts';
import type { SliceInput, SliceResult } from './messages.ts';
import { Gate } from './pause.ts';
import { labelStep, stateStep, userWrite } from './retry.ts';

/** Users written at once by one slice. More would only wait in the same queue. */
const LANES = 25;
/** Names fetched with one look-up: their text stays below what a history entry may hold. */
const LABELS_AT_ONCE = 10;

/** Activity type, verb and priority of each kind that a slice can write. Lower priority numbers go first. */
const WRITES: Partial<Record<ChangeKind, { activity: UserWrite; verb: string; priority: number }>> = {
  adopt: { activity: 'adoptUser', verb: 'adopt', priority: 3 },
  create: { activity: 'createUser', verb: 'create', priority: 3 },
  update: { activity: 'updateUser', verb: 'update', priority: 3 },
  reactivate: { activity: 'reactivateUser', verb: 'reactivate', priority: 3 },
  deactivate: { activity: 'deactivateUser', verb: 'deactivate', priority: 2 },
};
type UserWrite = 'adoptUser' | 'createUser' | 'updateUser' | 'reactivateUser' | 'deactivateUser';

/**
 * Writes the users of one slice: one activity each, whose summary tells who. A user whose write fails for good is
 * parked and never stops the others; only what would fail for everybody (bad credentials) fails the slice.
 * Cancelling it starts no further user and lets those in flight end; so does a pause, until it is over.
 */
export async function applySlice(input: SliceInput): Promise<SliceResult> {
  const { slice } = input;
  const write = WRITES[slice.kind];
  if (write === undefined) {
    throw ApplicationFailure.nonRetryable(`This version cannot write changes of kind ${slice.kind}.`, 'UnknownKind');
  }
  const result: SliceResult = { applied: 0, parked: 0, superseded: 0 };
  const activities = proxyActivities<Activities>(userWrite(input.sync, write.priority));
  const gate = new Gate();
  const labels = new Labels(input.runId, slice.from, slice.to);
  let next = slice.from;
  const lane = async (): Promise<void> => {
    while (next <= slice.to) {
      const seq = next;
      next += 1;
      const summary = `${write.verb} ${await labels.of(seq)}`;
      const ref = { runId: input.runId, seq, actor: input.actor };
      const options = { ...userWrite(input.sync, write.priority), summary };
      const outcome = await gate
        .pass(() => activities[write.activity].executeWithOptions(options, [ref]), isFatal)
        .then(
          (written) => written.outcome,
          (error: unknown) => park(input, seq, error),
        )
        .catch((error: unknown) => {
          next = slice.to + 1;
          throw error;
        });
      result[outcome] += 1;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return result;
}

/** Ends the change of a write that gave up; rethrows what concerns the whole run. */
async function park(input: SliceInput, seq: number, error: unknown): Promise<'parked'> {
  if (isCancellation(error) || isFatal(error)) throw error;
  // A cancelled activity is not tried again, so this failure is not final: what it left is settled when the run closes.
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled while a write was open');
  const { parkChange } = proxyActivities<Activities>(stateStep);
  await CancellationScope.nonCancellable(() =>
    parkChange({ runId: input.runId, seq, message: `No success within 30 minutes; last: ${failureSentence(error)}` }),
  );
  return 'parked';
}

function isFatal(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** Names of the slice's users for the summaries, fetched a few at a time. */
class Labels {
  private readonly known = new Map<number, Promise<string[]>>();
  private readonly runId: string;
  private readonly from: number;
  private readonly to: number;

  constructor(runId: string, from: number, to: number) {
    this.runId = runId;
    this.from = from;
    this.to = to;
  }

  async of(seq: number): Promise<string> {
    const group = Math.floor((seq - this.from) / LABELS_AT_ONCE);
    const first = this.from + group * LABELS_AT_ONCE;
    const last = Math.min(first + LABELS_AT_ONCE - 1, this.to);
    let names = this.known.get(group);
    if (names === undefined) {
      const { describeChanges } = proxyLocalActivities<Activities>(labelStep);
      names = describeChanges({ runId: this.runId, from: first, to: last });
      this.known.set(group, names);
    }
    return (await names)[seq - first] ?? `change ${seq}`;
  }
}
