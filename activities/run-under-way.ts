import { RollcallError } from '../model/errors.ts';
import type { RunRow } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';

/** So many characters of a hash tell two configurations apart for people, as in `status`. */
const SHORT = 12;

/**
 * The run that a step makes or carries out the plan of. It goes on only under the configuration that it began with, since
 * its plan holds values of that mapping and leavers of that scope. Steps that end a run, or find out what became of its
 * writes, do not ask: they are right under any. Nor does a run that was closed go on, which a reset of its workflow would
 * make of it: its plan is of old, and state has told its end.
 *
 * @throws RollcallError `run.closed` or `run.other-configuration`, which fail the run
 */
export async function runUnderWay({ settings, state }: Dependencies, runId: string): Promise<RunRow> {
  const run = await state.runs.get(runId);
  if (run === null) throw new Error(`run ${runId} is not open`);
  if (run.finishedAt !== null) throw closed(run);
  if (run.configHash === settings.hash) return run;
  const [began, here] = [run.configHash, settings.hash].map((hash) => hash.slice(0, SHORT));
  throw new RollcallError(
    'run.other-configuration',
    `The run began under configuration ${began}, and this worker has ${here}; give every worker of the sync the same one, then start a new run.`,
  );
}

function closed({ finishedAt, outcome }: RunRow): RollcallError {
  const message = `The run was closed at ${finishedAt} as ${outcome}, and a closed run does not go on; start a new run instead of resetting it.`;
  return new RollcallError('run.closed', message);
}
