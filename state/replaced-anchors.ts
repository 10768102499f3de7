import { sql } from 'kysely';
import type { DesiredUser, WrittenValues } from '../model/user.ts';
import { keysetPages, MAX_ROWS } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import type { DesiredStore } from './state.ts';
import { fromJson } from './store-context.ts';

/** Active links whose anchor a run did not read, and beside each the entry without link that wants its login. */
export async function replacedAnchors(
  engine: Engine,
  runId: string,
  sync: string,
  directories: string[],
): ReturnType<DesiredStore['replacedAnchors']> {
  if (directories.length === 0) return { absent: 0, pages: pages(engine, runId, sync, []) };
  const row = await engine.read((db) =>
    absentLinks(db, runId, sync, directories)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  );
  return { absent: row.count, pages: pages(engine, runId, sync, directories) };
}

async function* pages(
  engine: Engine,
  runId: string,
  sync: string,
  directories: string[],
): AsyncGenerator<{ written: WrittenValues; desired: DesiredUser }[]> {
  const fetch = (after: string) =>
    engine.read((db) =>
      absentLinks(db, runId, sync, directories)
        .innerJoin('desired_rows as d', (join) => join.onRef('d.login', '=', 'l.login').on('d.run_id', '=', runId))
        .leftJoin('links as other', (join) => join.onRef('other.anchor', '=', 'd.anchor').on('other.sync', '=', sync))
        .select(['l.anchor', 'l.written', 'd.desired'])
        .where('d.valid', '=', 1)
        .where('other.anchor', 'is', null)
        .where('l.anchor', '>', after)
        .orderBy('l.anchor')
        .limit(MAX_ROWS)
        .execute(),
    );
  for await (const rows of keysetPages('', MAX_ROWS, fetch, (row) => row.anchor)) {
    yield rows.flatMap(({ written, desired }) => {
      const wanted = fromJson<DesiredUser>(desired);
      return wanted === null ? [] : [{ written: fromJson<WrittenValues>(written), desired: wanted }];
    });
  }
}

function absentLinks(db: Reader, runId: string, sync: string, directories: string[]) {
  return db
    .selectFrom('links as l')
    .where('l.sync', '=', sync)
    .where('l.active', '=', 1)
    .where('l.directory', 'in', directories)
    .where(
      sql<boolean>`not exists (select 1 from staging_entries as e
        join staging_reads as r on r.run_id = e.run_id and r.directory = e.directory and r.attempt = e.attempt
        where e.run_id = ${runId} and e.anchor = l.anchor and r.complete = 1)`,
    );
}
