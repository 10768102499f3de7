import { dropRows } from './dropping.ts';
import type { Engine } from './engine.ts';
import type { RunStore } from './state.ts';

/** Deletes previews of a sync, and whatever they stored, whether they ended or not. */
export async function forgetPreviews(
  engine: Engine,
  sync: string,
  which: Parameters<RunStore['forgetPreviews']>[1],
): Promise<void> {
  const rows = await engine.read((db) =>
    db
      .selectFrom('runs')
      .select('run_id')
      .where('sync', '=', sync)
      .where('mode', '=', 'preview')
      .where((eb) => ('runId' in which ? eb('run_id', '=', which.runId) : eb('started_at', '<', which.before)))
      .execute(),
  );
  for (const { run_id: runId } of rows) {
    await dropRows(engine, 'staging_entries', 'anchor', { runId });
    await dropRows(engine, 'desired_rows', 'anchor', { runId });
    await engine.write(async (trx) => {
      for (const table of TABLES) await trx.deleteFrom(table).where('run_id', '=', runId).execute();
    });
  }
}

const TABLES = ['staging_reads', 'run_notes', 'changes', 'asked_people', 'runs'] as const;
