import type { Slice } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';
import { runUnderWay } from './run-under-way.ts';

export type { Slice } from '../state/state.ts';

/**
 * Changes of one slice. At 300 requests a minute every user costs six events, since each completion wakes the workflow by
 * itself; this many stay below 2,000 events, 400 would not. A recycle counts four.
 */
const SLICE_SIZE = 320;
/** Slices told at once: the result stays below 500 bytes. */
const SLICES_AT_ONCE = 6;

/** The next slices of the plan after a `seq`, in order. */
export async function nextSlices(
  dependencies: Dependencies,
  input: { runId: string; after: number },
): Promise<Slice[]> {
  await runUnderWay(dependencies, input.runId);
  return dependencies.state.changes.slices(input.runId, input.after, SLICES_AT_ONCE, SLICE_SIZE);
}
