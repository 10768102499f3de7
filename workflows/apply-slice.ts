import { ApplicationFailure, executeChild, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ChangeKind } from '../model/change.ts';
import { recycleWorkflowId } from './ids.ts';
import type { SliceInput, SliceResult } from './messages.ts';
import { isFatal, parkWrite } from './park-write.ts';
import { Gate } from './pause.ts';
import { recycleUser } from './recycle-user.ts';
import { labelStep, userWrite } from './retry.ts';
import { startAfresh } from './start-afresh.ts';

/** Users written at once by one slice. More would only wait in the same queue. */
const LANES = 25;
/** Names or anchors fetched with one look-up: their text stays below what a history entry may hold. */
const LABELS_AT_ONCE = 10;

/**
 * Activity type, verb and priority of each kind that a slice can write; no activity stands for a workflow of its own.
 * Lower priority numbers go first.
 */
const WRITES: Partial<Record<ChangeKind, { activity: UserWrite | null; verb: string; priority: number }>> = {
  adopt: { activity: 'adoptUser', verb: 'adopt', priority: 3 },
  create: { activity: 'createUser', verb: 'create', priority: 3 },
  update: { activity: 'updateUser', verb: 'update', priority: 3 },
  reactivate: { activity: 'reactivateUser', verb: 'reactivate', priority: 3 },
  recycle: { activity: null, verb: 'recycle the login', priority: 3 },
  rebind: { activity: 'rebindUser', verb: 'rebind', priority: 3 },
  deactivate: { activity: 'deactivateUser', verb: 'deactivate', priority: 2 },
};
type UserWrite = 'adoptUser' | 'createUser' | 'updateUser' | 'reactivateUser' | 'rebindUser' | 'deactivateUser';

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
  const priority = input.priority ?? write.priority;
  const result: SliceResult = { applied: 0, parked: 0, superseded: 0 };
  const activities = proxyActivities<Activities>(userWrite(input.sync, priority));
  const gate = new Gate();
  const { describeChanges, anchorsOf } = proxyLocalActivities<Activities>(labelStep);
  const labels = new Portions(input, describeChanges);
  const anchors = new Portions(input, anchorsOf);
  const recycle = async (seq: number, summary: string): Promise<keyof SliceResult> => {
    const workflowId = recycleWorkflowId(input.sync, input.runId, (await anchors.of(seq)) ?? String(seq));
    const { sync, runId, actor } = input;
    return startAfresh(workflowId, () =>
      executeChild(recycleUser, {
        workflowId,
        args: [{ sync, runId, actor, seq, priority }],
        staticSummary: summary,
      }),
    );
  };
  const begin = async (seq: number, summary: string): Promise<keyof SliceResult> => {
    if (write.activity === null) return recycle(seq, summary);
    const ref = { runId: input.runId, seq, actor: input.actor };
    const options = { ...userWrite(input.sync, priority), summary };
    return (await activities[write.activity].executeWithOptions(options, [ref])).outcome;
  };
  let next = slice.from;
  const lane = async (): Promise<void> => {
    while (next <= slice.to) {
      const seq = next;
      next += 1;
      const summary = `${write.verb} ${(await labels.of(seq)) ?? `change ${seq}`}`;
      const outcome = await gate
        .pass(() => begin(seq, summary), { isFinal: isFatal, inSteps: write.activity === null })
        .catch((error: unknown) => parkWrite({ runId: input.runId, seq }, error))
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

/** What is told about the users of a slice one by one, fetched a few at a time. */
class Portions {
  private readonly known = new Map<number, Promise<string[]>>();
  private readonly runId: string;
  private readonly from: number;
  private readonly to: number;
  private readonly fetch: (portion: { runId: string; from: number; to: number }) => Promise<string[]>;

  constructor({ runId, slice }: SliceInput, fetch: Portions['fetch']) {
    this.runId = runId;
    this.from = slice.from;
    this.to = slice.to;
    this.fetch = fetch;
  }

  async of(seq: number): Promise<string | undefined> {
    const group = Math.floor((seq - this.from) / LABELS_AT_ONCE);
    const first = this.from + group * LABELS_AT_ONCE;
    const last = Math.min(first + LABELS_AT_ONCE - 1, this.to);
    let portion = this.known.get(group);
    if (portion === undefined) {
      portion = this.fetch({ runId: this.runId, from: first, to: last });
      this.known.set(group, portion);
    }
    return (await portion)[seq - first];
  }
}
