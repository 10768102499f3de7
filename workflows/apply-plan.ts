import { continueAsNew, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Slice } from '../activities/next-slices.ts';
import { applySlice } from './apply-slice.ts';
import { sliceWorkflowId } from './ids.ts';
import type { RunProgress, SyncRunInput } from './messages.ts';
import type { RunPause } from './pause.ts';
import { stateStep } from './retry.ts';
import { startAfresh } from './start-afresh.ts';
import { tellStory } from './story.ts';
import type { syncRun } from './sync-run.ts';

/** Slices open at once. */
const OPEN_SLICES = 4;
/** Slices after which the run continues as new: about ten events each, far below the limits of one history. */
const SLICES_PER_EXECUTION = 300;

/**
 * Writes the plan: slice after slice as child workflows, up to four at once, all of one wave before the next begins.
 * Continues as new between slices; an open child would be terminated by that, so it drains first. While it is paused no
 * slice begins.
 */
export async function applyPlan(input: SyncRunInput, progress: RunProgress, pause: RunPause): Promise<void> {
  const feed = new SliceFeed(input.runId, progress.doneThrough);
  const startedBefore = progress.slices;
  const most = input.slicesPerExecution ?? SLICES_PER_EXECUTION;
  let failed = false;
  const full = (): boolean => progress.slices - startedBefore >= most || workflowInfo().continueAsNewSuggested;

  for (let next = await feed.peek(); next !== null; next = await feed.peek()) {
    const { wave } = next;
    const lane = async (): Promise<void> => {
      while (!failed && !full()) {
        if (pause.isOn) {
          await pause.over(() => failed);
          continue;
        }
        const slice = await feed.take(wave);
        if (slice === null) return;
        await runSlice(input, progress, pause, slice).catch((error: unknown) => {
          failed = true;
          throw error;
        });
      }
    };
    await drain(Array.from({ length: OPEN_SLICES }, lane));
    progress.doneThrough = feed.taken;
    if (full()) await continueAsNew<typeof syncRun>({ ...input, resume: progress });
  }
}

/** Waits for every lane, then throws the first failure: none is left running behind the caller's back. */
async function drain(lanes: Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function runSlice(input: SyncRunInput, progress: RunProgress, pause: RunPause, slice: Slice): Promise<void> {
  progress.slices += 1;
  const workflowId = sliceWorkflowId(input.sync, input.runId, progress.slices);
  const child = await startAfresh(workflowId, () =>
    startChild(applySlice, {
      workflowId,
      args: [{ runId: input.runId, sync: input.sync, actor: input.actor, slice }],
      staticSummary: sliceSummary(slice),
    }),
  );
  const result = await pause.following(child);
  progress.applied += result.applied;
  progress.parked += result.parked;
  progress.superseded += result.superseded;
  tellStory(input, progress);
}

function sliceSummary({ kind, from, to, wave }: Slice): string {
  const users = to === from ? '1 user' : `${to - from + 1} users`;
  return `${kind} ${users} (wave ${wave})`;
}

/** Hands out slices in order, fetching a few at a time; callers of `take` are served one after the other. */
class SliceFeed {
  /** Last `seq` handed out. */
  taken: number;
  private readonly runId: string;
  private buffer: Slice[] = [];
  /** The plan has no slice left: nothing is planned while it is being written. */
  private ended = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(runId: string, doneThrough: number) {
    this.runId = runId;
    this.taken = doneThrough;
  }

  peek(): Promise<Slice | null> {
    return this.inTurn(() => this.first());
  }

  /** The next slice of the wave; null when the wave has none left. */
  take(wave: number): Promise<Slice | null> {
    return this.inTurn(async () => {
      const slice = await this.first();
      if (slice?.wave !== wave) return null;
      this.buffer.shift();
      this.taken = slice.to;
      return slice;
    });
  }

  private async first(): Promise<Slice | null> {
    if (this.buffer.length === 0 && !this.ended) {
      const { nextSlices } = proxyActivities<Activities>(stateStep);
      this.buffer = await nextSlices({ runId: this.runId, after: this.taken });
      this.ended = this.buffer.length === 0;
    }
    return this.buffer[0] ?? null;
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(step, step);
    this.turn = mine;
    return mine;
  }
}
