import { isOnOnePerson } from '../model/run.ts';
import type { ChangeRef } from '../state/state.ts';
import { concerned } from './concerned.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Writes without outcome of closed runs that this run has to see to: everybody's, or the one person's. */
export async function unfinishedBefore(dependencies: Dependencies, { runId, sync }: RunRef): Promise<ChangeRef[]> {
  const { state } = dependencies;
  const run = await state.runs.get(runId);
  if (run === null || !isOnOnePerson(run.mode)) return state.changes.unfinished(sync);
  // A run that never found its person has nothing of anybody's to see to.
  if (((await state.asked.get(runId))?.anchor ?? null) === null) return [];
  return state.changes.unfinished(sync, (await concerned(dependencies, run)) ?? []);
}
