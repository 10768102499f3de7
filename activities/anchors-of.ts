import type { Anchor } from '../model/entry.ts';
import type { Dependencies } from './dependencies.ts';

/** Whom the changes `from`..`to` are about, for ids of workflows, where nothing personal may stand. */
export function anchorsOf(
  { state }: Dependencies,
  { runId, from, to }: { runId: string; from: number; to: number },
): Promise<Anchor[]> {
  return state.changes.anchors(runId, from, to);
}
