import { CHANGE_KINDS } from '../model/change.ts';
import { RollcallError } from '../model/errors.ts';
import type { RunReport } from '../model/run.ts';
import type { RunRow } from '../state/state.ts';
import { temporalFailure } from '../temporal/failures.ts';
import type { Session } from './session.ts';

const TERMINATED = 'The run was terminated from outside; the next run resolves its writes.';

/** Rows of runs as they are now, and why Temporal could not be asked about the open ones; null when it answered. */
export interface SettledRuns {
  rows: RunRow[];
  temporalError: string | null;
}

/**
 * Temporal's own tools end a run without a word to state, where its row stays open until the next run: such rows are told
 * as `terminated`. Asks Temporal only where a row is open, and writes nothing.
 */
export async function settleRuns(session: Session, rows: RunRow[]): Promise<SettledRuns> {
  try {
    return { rows: await Promise.all(rows.map((row) => settled(session, row))), temporalError: null };
  } catch (error) {
    const failure = temporalFailure(error);
    if (!(failure instanceof RollcallError)) throw failure;
    return { rows, temporalError: failure.message };
  }
}

async function settled(session: Session, row: RunRow): Promise<RunRow> {
  if (row.finishedAt !== null) return row;
  const ended = await endOf(session, row);
  if (ended === null) return row;
  // The run may have closed its row between the two looks.
  const now = (await (await session.state()).runs.get(row.runId)) ?? row;
  if (now.finishedAt !== null) return now;
  return { ...now, finishedAt: ended.toISOString(), outcome: 'terminated', error: TERMINATED };
}

/** When the workflow of an open row ended, or was last seen; null while it runs. */
async function endOf(session: Session, { workflowId, runId, startedAt }: RunRow): Promise<Date | null> {
  const client = await session.temporal();
  try {
    const { status, memo, closeTime } = await client.workflow.getHandle(workflowId).describe();
    // A later run under the same id; one that was started by hand may lack the memo.
    const other = memo?.['runId'] ?? runId;
    if (other !== runId) return new Date(startedAt);
    return status.name === 'RUNNING' ? null : (closeTime ?? new Date(startedAt));
  } catch (error) {
    // Loaded with the session's client, not before: most commands that ask here find no open row.
    const { WorkflowNotFoundError } = await import('@temporalio/client');
    if (error instanceof WorkflowNotFoundError) return new Date(startedAt);
    throw error;
  }
}

/** The report of a run whose row is open although its workflow has ended: what it did not get to is superseded. */
export function terminatedReport(report: RunReport): RunReport {
  const changes = { ...report.changes };
  for (const kind of CHANGE_KINDS) {
    const { planned, applied, parked, held } = changes[kind];
    changes[kind] = { ...changes[kind], superseded: planned - applied - parked - held };
  }
  return { ...report, outcome: 'failed', error: TERMINATED, ...(report.dryRun ? {} : { changes }) };
}
