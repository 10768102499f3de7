import type { State } from '../state/state.ts';
import type { RunRef } from './dependencies.ts';

/** The newest earlier run that read the whole directory; null when there is none. Its staging is still there. */
export async function lastCompleteRun(state: State, { sync, runId }: RunRef): Promise<string | null> {
  const last = await state.runs.lastComplete(sync, ['full', 'delta'], { dryRuns: true });
  return last === null || last.runId === runId ? null : last.runId;
}
