import { sql } from 'kysely';
import type { Anchor } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import { inPortions, keysetPages } from './batching.ts';
import type { Engine } from './engine.ts';
import { visible } from './staged-rows.ts';
import type { StagingStore } from './state.ts';

type Sweeping = Pick<StagingStore, 'setFingerprints' | 'outdated' | 'countSwept'>;

const PAGE = 1_000;
/** Who waits for a login may wait for somebody who waits himself: all of them are due as soon as one is. */
const LOGIN_TAKEN = 'identity.login-taken' satisfies ErrorCode;

/** What a delta asks of the staged sweep. */
export function sweeping(engine: Engine): Sweeping {
  return {
    setFingerprints: (runId, prints) =>
      inPortions(prints, 3, (portion) => {
        const rows = portion.map(
          ({ anchor, directory, fingerprint }) =>
            sql`(cast(${anchor} as text), cast(${directory} as text), cast(${fingerprint} as text))`,
        );
        return engine.write((trx) =>
          sql`update staging_entries set fingerprint = v.column3 from (values ${sql.join(rows)}) as v
            where run_id = ${runId} and anchor = v.column1 and directory = v.column2`.execute(trx),
        );
      }),
    outdated: (runId, sync, directory, now) => outdatedPages(engine, { runId, sync, directory, now }),
    countSwept: (runId, sync) =>
      engine.read(async (db) => {
        const row = await visible(db, runId)
          .innerJoin('links as l', (join) => join.onRef('l.anchor', '=', 'e.anchor').on('l.sync', '=', sync))
          .clearSelect()
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('e.complete_entry', '=', 0)
          .executeTakeFirstOrThrow();
        return row.count;
      }),
  };
}

async function* outdatedPages(
  engine: Engine,
  { runId, sync, directory, now }: { runId: string; sync: string; directory: string; now: string },
): AsyncGenerator<Anchor[]> {
  const fetch = (after: Anchor) =>
    engine.read((db) =>
      visible(db, runId)
        .leftJoin('links as l', (join) => join.onRef('l.anchor', '=', 'e.anchor').on('l.sync', '=', sync))
        .leftJoin('parked as p', (join) => join.onRef('p.anchor', '=', 'e.anchor').on('p.sync', '=', sync))
        .where('e.directory', '=', directory)
        .where('e.anchor', '>', after)
        .where(
          sql<boolean>`case
            when p.anchor is not null
              then p.next_attempt_at <= ${now} or coalesce(p.fingerprint, '') <> coalesce(e.fingerprint, '')
                or (p.code = ${LOGIN_TAKEN} and exists (select 1 from parked as q
                  where q.sync = p.sync and q.code = p.code and q.next_attempt_at <= ${now}))
            when l.anchor is null then e.enabled = 1
            else coalesce(l.settled_under, '') <> coalesce(e.fingerprint, '') end`,
        )
        .orderBy('e.anchor')
        .limit(PAGE)
        .execute(),
    );
  for await (const page of keysetPages('', PAGE, fetch, (row) => row.anchor)) yield page.map((row) => row.anchor);
}
