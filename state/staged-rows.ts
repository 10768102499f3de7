import type { Reader } from './engine.ts';

/** Entries of complete reads. */
export function visible(db: Reader, runId: string) {
  return db
    .selectFrom('staging_entries as e')
    .innerJoin('staging_reads as r', (join) =>
      join
        .onRef('r.run_id', '=', 'e.run_id')
        .onRef('r.directory', '=', 'e.directory')
        .onRef('r.attempt', '=', 'e.attempt'),
    )
    .select(['e.anchor', 'e.directory', 'e.dn_key'])
    .where('e.run_id', '=', runId)
    .where('r.complete', '=', 1);
}
