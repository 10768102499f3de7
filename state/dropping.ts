import { sql } from 'kysely';
import { setImmediate } from 'node:timers/promises';
import { MAX_ROWS } from './batching.ts';
import type { Engine } from './engine.ts';

/** Deletes a run's rows of one working table, a portion at a time. `key` is the column the portions go by. */
export async function dropRows(
  engine: Engine,
  table: 'staging_entries' | 'inventory_users' | 'inventory_keys' | 'desired_rows',
  key: 'anchor' | 'genesys_id',
  of: { runId: string; directory?: string },
): Promise<void> {
  const rows = sql`${sql.ref('run_id')} = ${of.runId}${of.directory === undefined ? sql`` : sql` and directory = ${of.directory}`}`;
  for (;;) {
    const result = await engine.write((trx) =>
      sql`delete from ${sql.table(table)} where ${rows} and ${sql.ref(key)} in (
        select ${sql.ref(key)} from ${sql.table(table)} where ${rows} limit ${MAX_ROWS})`.execute(trx),
    );
    // An anchor may stand there more than once, so that a full portion may be larger, never smaller.
    if (Number(result.numAffectedRows ?? 0) < MAX_ROWS) return;
    await setImmediate();
  }
}
