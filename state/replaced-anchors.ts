import { sql } from 'kysely';
import type { Anchor } from '../model/entry.ts';
import type { DesiredUser, Link, WrittenValues } from '../model/user.ts';
import { keysetPages, MAX_ROWS, portions } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { toLink } from './links.ts';
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
        .where(isNotKnownBetter(runId))
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

/**
 * What the run listed in Genesys Cloud says more than the link, which may be of an older copy of the state: a user who has
 * another login by now, or carries the new anchor already, is no sign of anchors just replaced.
 */
const isNotKnownBetter = (runId: string) =>
  sql<boolean>`not exists (select 1 from inventory_users as i where i.run_id = ${runId}
      and i.genesys_id = l.genesys_id and i.login <> l.login)
    and not exists (select 1 from inventory_keys as k where k.run_id = ${runId}
      and k.genesys_id = l.genesys_id and k.key = d.anchor)`;

/** Active links whose anchor a run did not read; with `anchors` only these. */
export async function* absentLinkPages(
  engine: Engine,
  runId: string,
  sync: string,
  directories: string[],
  anchors?: Anchor[],
): AsyncGenerator<Link[]> {
  if (directories.length === 0) return;
  for (const portion of anchors === undefined ? [null] : portions([...new Set(anchors)].sort())) {
    const fetch = (after: string) =>
      engine.read((db) =>
        absentLinks(db, runId, sync, directories)
          .selectAll('l')
          .where((eb) => (portion === null ? eb.lit(true) : eb('l.anchor', 'in', portion)))
          .where('l.anchor', '>', after)
          .orderBy('l.anchor')
          .limit(MAX_ROWS)
          .execute(),
      );
    for await (const rows of keysetPages('', MAX_ROWS, fetch, (row) => row.anchor)) yield rows.map(toLink);
  }
}

/** Valid entries of a run whose person has no link. */
export async function* newcomerPages(engine: Engine, runId: string, sync: string): AsyncGenerator<DesiredUser[]> {
  const fetch = (after: string) =>
    engine.read((db) =>
      db
        .selectFrom('desired_rows as d')
        .leftJoin('links as l', (join) => join.onRef('l.anchor', '=', 'd.anchor').on('l.sync', '=', sync))
        .select(['d.anchor', 'd.desired'])
        .where('d.run_id', '=', runId)
        .where('d.valid', '=', 1)
        .where('l.anchor', 'is', null)
        .where('d.anchor', '>', after)
        .orderBy('d.anchor')
        .limit(PAGE)
        .execute(),
    );
  for await (const rows of keysetPages('', PAGE, fetch, (row) => row.anchor)) {
    yield rows.flatMap(({ desired }) => fromJson<DesiredUser>(desired) ?? []);
  }
}

/** Of people with all that they shall be. */
const PAGE = 500;

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
