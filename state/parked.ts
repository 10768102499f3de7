import { sql, type Selectable } from 'kysely';
import type { PlannedChange } from '../model/change.ts';
import { keysetPages } from './batching.ts';
import type { Writer } from './engine.ts';
import { isNotIgnored } from './ignores.ts';
import type { ParkedTable } from './schema.ts';
import type { ParkedRow, ParkedStore } from './state.ts';
import type { StoreContext } from './store-context.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function parkedStore({ engine, now }: StoreContext): ParkedStore {
  return {
    list: async (sync) => {
      const rows = await engine.read((db) =>
        db.selectFrom('parked').selectAll().where('sync', '=', sync).orderBy('anchor').execute(),
      );
      return rows.map(toParkedRow);
    },
    count: (sync) =>
      engine.read(async (db) => {
        const counted = db.selectFrom('parked').select((eb) => eb.fn.countAll<number>().as('count'));
        const unignored = counted.where('sync', '=', sync).where(isNotIgnored('parked.anchor', sync, now()));
        return (await unignored.executeTakeFirstOrThrow()).count;
      }),
    oldest: (sync) =>
      engine.read(async (db) => {
        const first = db.selectFrom('parked').select((eb) => eb.fn.min('first_at').as('at'));
        const unignored = first.where('sync', '=', sync).where(isNotIgnored('parked.anchor', sync, now()));
        return (await unignored.executeTakeFirstOrThrow()).at;
      }),
    anchors: async function* (sync, size = 1_000) {
      const fetch = (after: string) =>
        engine.read((db) =>
          db
            .selectFrom('parked')
            .select('anchor')
            .where('sync', '=', sync)
            .where('anchor', '>', after)
            .where(isNotIgnored('parked.anchor', sync, now()))
            .orderBy('anchor')
            .limit(size)
            .execute(),
        );
      for await (const page of keysetPages('', size, fetch, (row) => row.anchor)) yield page.map((row) => row.anchor);
    },
    rebinding: async (sync) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('parked as p')
          .innerJoin('changes as c', (join) =>
            join.onRef('c.run_id', '=', 'p.run_id').onRef('c.anchor', '=', 'p.anchor').onRef('c.kind', '=', 'p.kind'),
          )
          .innerJoin('links as l', (join) =>
            join.onRef('l.sync', '=', 'p.sync').onRef('l.genesys_id', '=', 'c.genesys_id'),
          )
          .select('l.anchor')
          .where('p.sync', '=', sync)
          .where('p.kind', '=', 'rebind')
          .execute(),
      );
      return rows.map(({ anchor }) => anchor);
    },
    settle: async (sync, runId, { onlyRead }) => {
      await engine.write((trx) => {
        const unplanned = trx
          .deleteFrom('parked')
          .where('sync', '=', sync)
          .where(isNotIgnored('parked.anchor', sync, now()))
          .where('anchor', 'not in', (eb) => eb.selectFrom('changes').select('anchor').where('run_id', '=', runId));
        const read = unplanned.where('anchor', 'in', (eb) =>
          eb.selectFrom('desired_rows').select('anchor').where('run_id', '=', runId),
        );
        return (onlyRead ? read : unplanned).execute();
      });
    },
  };
}

export interface ParkedFailure {
  runId: string;
  sync: string;
  change: PlannedChange;
  failure: { code: string; message: string; correlationId: string | null };
  now: string;
}

/** Keeps a failed change for later runs. One run counts as one attempt, however often it says so. */
export async function recordParked(trx: Writer, parked: ParkedFailure): Promise<void> {
  const row = { ...columnsOf(parked), fingerprint: await fingerprintOf(trx, parked) };
  const { attempts } = await trx
    .insertInto('parked')
    .values({ sync: parked.sync, anchor: parked.change.anchor, attempts: 1, first_at: parked.now, ...row })
    .onConflict((oc) =>
      oc.columns(['sync', 'anchor']).doUpdateSet({
        ...row,
        attempts: sql<number>`case when parked.run_id = excluded.run_id then parked.attempts else parked.attempts + 1 end`,
      }),
    )
    .returning('attempts')
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('parked')
    .set({ next_attempt_at: nextAttemptAt(parked.now, attempts) })
    .where('sync', '=', parked.sync)
    .where('anchor', '=', parked.change.anchor)
    .execute();
}

/** As what the run read the person; a delta leaves him alone until that or the clock moves. */
async function fingerprintOf(trx: Writer, { runId, change }: ParkedFailure): Promise<string | null> {
  const row = await trx
    .selectFrom('staging_entries')
    .select('fingerprint')
    .where('run_id', '=', runId)
    .where('anchor', '=', change.anchor)
    .where('directory', '=', change.directory)
    .where('fingerprint', 'is not', null)
    .executeTakeFirst();
  return row?.fingerprint ?? null;
}

function columnsOf({ runId, change, failure, now }: ParkedFailure) {
  return {
    kind: change.kind,
    user_name: change.userName,
    display_name: change.displayName,
    dn: change.dn,
    code: failure.code,
    message: failure.message,
    correlation_id: failure.correlationId,
    last_at: now,
    next_attempt_at: now,
    run_id: runId,
  };
}

/** One minute after the first failure, doubling to a day. */
function nextAttemptAt(now: string, attempts: number): string {
  const waitMs = Math.min(DAY_MS, MINUTE_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20));
  return new Date(Date.parse(now) + waitMs).toISOString();
}

export function toParkedRow(row: Selectable<ParkedTable>): ParkedRow {
  return {
    anchor: row.anchor,
    kind: row.kind,
    userName: row.user_name,
    displayName: row.display_name,
    dn: row.dn,
    code: row.code,
    message: row.message,
    correlationId: row.correlation_id,
    attempts: row.attempts,
    firstAt: row.first_at,
    lastAt: row.last_at,
    nextAttemptAt: row.next_attempt_at,
    runId: row.run_id,
  };
}
