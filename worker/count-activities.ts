import type { Activities } from '../activities/index.ts';
import type { State } from '../state/state.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Traces } from '../telemetry/traces.ts';

/** Where the numbers go; null: not wanted. */
export interface Observers {
  metrics: Metrics | null;
  traces: Traces | null;
}

/** Activities that write one user. A recycle is two: the old user is retired, the new one created. */
const WRITES = [
  'adoptUser',
  'createUser',
  'updateUser',
  'reactivateUser',
  'deactivateUser',
  'rebindUser',
  'retireUser',
] as const satisfies readonly (keyof Activities)[];

/** The same activities, with what they came to counted: a run when it closes for the first time. */
export function countActivities(activities: Activities, state: State, to: Observers, log: Logger): Activities {
  const { metrics } = to;
  if (metrics === null && to.traces === null) return activities;
  const counted: Activities = {
    ...activities,
    readDirectory: async (run) => {
      const result = await activities.readDirectory(run);
      metrics?.entriesRead(result.read);
      return result;
    },
    closeRun: async (input) => {
      const before = await state.runs.get(input.runId).catch(() => null);
      const result = await activities.closeRun(input);
      if (before !== null && before.finishedAt === null) await tellEnd(state, input.runId, to, log);
      return result;
    },
  };
  for (const name of WRITES) {
    counted[name] = async (input) => {
      const result = await activities[name](input);
      metrics?.writeEnded(name, result.outcome);
      return result;
    };
  }
  return counted;
}

/** The run has been closed: whatever goes wrong here may not undo that. */
async function tellEnd(state: State, runId: string, { metrics, traces }: Observers, log: Logger): Promise<void> {
  try {
    const [run, report] = [await state.runs.get(runId), await state.runs.report(runId)];
    if (run === null || report === null) return;
    metrics?.runClosed(report);
    traces?.runEnded(report, new Date(run.startedAt));
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'a closed run was not counted');
  }
}
