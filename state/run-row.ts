import type { Selectable } from 'kysely';
import type { Reader } from './engine.ts';
import type { RunsTable } from './schema.ts';
import type { RunRow } from './state.ts';

/** The row of a run, null for an unknown one. */
export async function findRun(db: Reader, runId: string): Promise<RunRow | null> {
  const row = await db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
  return row === undefined ? null : toRun(row);
}

export function toRun(row: Selectable<RunsTable>): RunRow {
  return {
    runId: row.run_id,
    sync: row.sync,
    workflowId: row.workflow_id,
    mode: row.mode,
    dryRun: row.dry_run === 1,
    actor: row.actor,
    configHash: row.config_hash,
    batch: row.batch,
    ...(row.rebind_by === null ? {} : { rebindBy: row.rebind_by }),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    error: row.error,
    directory: {
      read: row.directory_read,
      inScope: row.directory_in_scope,
      invalid: row.directory_invalid,
      complete: row.directory_complete === 1,
    },
    unchanged: row.unchanged,
    heldBatch: row.held_batch,
    requests: {
      token: row.requests_token,
      read: row.requests_read,
      write: row.requests_write,
      throttled: row.requests_throttled,
    },
  };
}
