import { RollcallError } from '../../model/errors.ts';
import type { RunReport, TakeoverReport } from '../../model/run.ts';
import type { RunChange } from '../../state/look-back.ts';
import type { RunNote, RunRow, State } from '../../state/state.ts';

/** What `report --json` prints: a run with everything it did and found. */
export interface RunDetails {
  report: RunReport;
  actor: string;
  configHash: string;
  startedAt: string;
  /** Null: still going on, or ended from outside and not yet closed by a later run. */
  finishedAt: string | null;
  /** Null: the run listed no Genesys users, or its listing is no longer kept. */
  takeover: TakeoverReport | null;
  /** Problems first, at most 10,000. */
  notes: RunNote[];
  /** Whether there are more. */
  notesLeftOut: boolean;
  /** Every change of the run's plan with what became of it, in the order it is carried out. */
  changes: RunChange[];
}

const MOST_NOTES = 10_000;
/** What stands for the newest run. */
export const LAST = 'last';

/**
 * The run that an id, the beginning of one or `last` names.
 * @throws RollcallError `run.not-found` for none or several
 */
export async function findRun(state: State, sync: string, named: string): Promise<RunRow> {
  const prefix = named.trim().toLowerCase();
  const found =
    prefix === LAST ? await state.runs.list(sync, 1) : await state.lookBack.runsStartingWith(sync, prefix, 2);
  const [run, another] = found;
  if (run === undefined) {
    const what = prefix === LAST ? `Sync ${sync} has not run yet` : `Sync ${sync} has no run whose id starts so`;
    throw new RollcallError('run.not-found', `${what}; \`runs\` lists those there are.`);
  }
  if (another === undefined) return run;
  throw new RollcallError('run.not-found', 'Several runs have an id that starts so; give more of it, see `runs`.');
}

export async function readDetails(state: State, run: RunRow): Promise<RunDetails> {
  const { runId, sync, actor, configHash, startedAt, finishedAt } = run;
  const report = await state.runs.report(runId);
  if (report === null) throw new RollcallError('run.not-found', `Run ${runId} was removed meanwhile; see \`runs\`.`);
  const notes = await state.runs.notes(runId, MOST_NOTES + 1);
  const changes: RunChange[] = [];
  for await (const page of state.lookBack.changesOf(runId)) changes.push(...page);
  return {
    ...{ report, actor, configHash, startedAt, finishedAt, changes },
    takeover: await state.lookBack.takeover(sync, runId),
    notes: notes.slice(0, MOST_NOTES),
    notesLeftOut: notes.length > MOST_NOTES,
  };
}

/** The status of a change in words: of a run that only planned, `planned` means that it would be applied. */
export function outcomeOf({ status }: Pick<RunChange, 'status'>, { dryRun }: Pick<RunReport, 'dryRun'>): string {
  return status === 'planned' && dryRun ? 'would be applied' : status;
}

/** What stands in a change's way, and what to do about it; null for one that is done or goes ahead. */
export function obstacleOf({ status, message, heldBecause }: RunChange): string | null {
  return status === 'applied' ? null : (message ?? heldBecause);
}
