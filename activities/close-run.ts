import { CHANGE_KINDS } from '../model/change.ts';
import { isOnOnePerson, type RunOutcome } from '../model/run.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { unfinishedBefore } from './unfinished-before.ts';

export interface CloseRunInput extends RunRef {
  end: 'finished' | 'cancelled' | 'failed';
  error: string | null;
  /** The batch that this run itself made, if any. */
  heldBatch: string | null;
}

export interface CloseRunResult {
  outcome: RunOutcome;
  parked: number;
  held: number;
  /** Writes whose outcome is unknown: of this run, when it ended early. */
  unfinished: number;
}

/** Closes the run: what was still planned becomes superseded, the outcome is worked out, old staging is dropped. */
export async function closeRun(dependencies: Dependencies, input: CloseRunInput): Promise<CloseRunResult> {
  const { state } = dependencies;
  const { runId, sync } = input;
  const counts = await state.changes.counts(runId);
  const sum = (column: 'parked' | 'held'): number =>
    CHANGE_KINDS.reduce((total, kind) => total + counts[kind][column], 0);
  const [parked, held] = [sum('parked'), sum('held')];
  const waiting = input.heldBatch === null ? 0 : await state.changes.heldIn(runId, input.heldBatch);
  const outcome = outcomeOf(input, parked, waiting);
  await state.runs.close(runId, { outcome, error: input.error, heldBatch: input.heldBatch });
  const run = await state.runs.get(runId);
  if (run === null || !isOnOnePerson(run.mode)) await prune(state, sync, runId);
  const unfinished = await unfinishedBefore(dependencies, input);
  return { outcome, parked, held, unfinished: unfinished.length };
}

/** Whoever asked for a preview has read it by then, or never will. */
const PREVIEW_KEPT_MS = 3_600_000;

/** What an earlier run's batch holds is old news; a dry run's batch has its whole plan, held or not. */
function outcomeOf(input: CloseRunInput, parked: number, waiting: number): RunOutcome {
  if (input.end !== 'finished') return input.end;
  if (waiting > 0) return 'held';
  return parked > 0 ? 'parked' : 'completed';
}

/** Staging is kept for the run itself and the last complete read, which resolves managers for runs on few people. */
async function prune(state: Dependencies['state'], sync: string, runId: string): Promise<void> {
  const last = await state.runs.lastComplete(sync, ['full', 'delta'], { dryRuns: true });
  await state.staging.prune(sync, last === null ? [runId] : [runId, last.runId]);
  await state.runs.forgetPreviews(sync, { before: new Date(Date.now() - PREVIEW_KEPT_MS).toISOString() });
}
