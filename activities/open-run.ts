import { isOnOnePerson, type RebindKey, type RunMode } from '../model/run.ts';
import type { State } from '../state/state.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { runUnderWay } from './run-under-way.ts';

export interface OpenRunInput extends RunRef {
  workflowId: string;
  mode: RunMode;
  dryRun: boolean;
  actor: string;
  batch: string | null;
  /** Of mode `rebind` alone. */
  rebindBy?: RebindKey;
}

/**
 * Opens the run's row under the worker's configuration, and makes void what a run of the sync outdates: open batches of dry
 * runs and of other configurations. `unfinished`: writes of earlier runs whose outcome is unknown. A run that is open
 * already stays as it is.
 *
 * @throws RollcallError as {@link runUnderWay}
 */
export async function openRun(
  dependencies: Dependencies,
  input: OpenRunInput,
): Promise<{ unfinished: number; mode: RunMode }> {
  const { settings, state } = dependencies;
  const { runId, sync, workflowId, dryRun, actor, batch, rebindBy } = input;
  const mode = await modeOf(state, input);
  const { unfinished } = await state.runs.open({
    runId,
    sync,
    workflowId,
    mode,
    dryRun,
    actor,
    configHash: settings.hash,
    batch,
    ...(rebindBy === undefined ? {} : { rebindBy }),
  });
  await runUnderWay(dependencies, runId);
  if (!dryRun && mode !== 'approved' && !isOnOnePerson(mode)) await state.batches.voidOutdated(sync, settings.hash);
  return { unfinished: unfinished.length, mode };
}

/** A delta compares with what an earlier read settled; without one everybody has to be read in full. */
async function modeOf(state: State, { sync, runId, mode }: OpenRunInput): Promise<RunMode> {
  if (mode !== 'delta') return mode;
  const opened = await state.runs.get(runId);
  if (opened !== null) return opened.mode;
  return (await state.runs.lastComplete(sync, ['full', 'delta'])) === null ? 'full' : 'delta';
}
