import { sql } from 'kysely';
import { MATCHED_BY, ODDITIES, type PlannedChange } from '../model/change.ts';
import type { TakeoverReport } from '../model/run.ts';
import { keysetPages } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { isInventoryComplete } from './inventory.ts';
import { fromJson } from './store-context.ts';

const PAGE = 1_000;
/** Users whom nobody owns that are named; the others are counted. */
const NAMED = 20;

/**
 * What a run makes of the Genesys users whom nobody managed; null when it listed none, or its listing is no longer kept
 * (it is until the next full or delta run ends).
 */
export async function takeoverReport(engine: Engine, sync: string, runId: string): Promise<TakeoverReport | null> {
  if (!(await engine.read((db) => isInventoryComplete(db, runId)))) return null;
  const report: TakeoverReport = {
    listed: await engine.read((db) => countOf(db, runId)),
    matched: zeros(MATCHED_BY),
    odd: zeros(ODDITIES),
    attributes: [],
    unowned: await engine.read((db) => unowned(db, sync, runId)),
  };
  const users = new Map<string, number>();
  const fetch = (after: string) => engine.read((db) => adoptions(db, runId, after));
  for await (const rows of keysetPages('', PAGE, fetch, (row) => row.anchor)) {
    for (const row of rows) countIn(report, users, fromJson<PlannedChange>(row.change));
  }
  report.attributes = [...users]
    .map(([path, count]) => ({ path, users: count }))
    .sort((left, right) => right.users - left.users || (left.path < right.path ? -1 : 1));
  return report;
}

function countIn(
  report: TakeoverReport,
  users: Map<string, number>,
  { match, operations, after }: PlannedChange,
): void {
  // Plans of earlier releases do not say.
  if (match === undefined) return;
  if (match.oddity !== null) report.odd[match.oddity] += 1;
  if (match.oddity === 'ambiguous') return;
  report.matched[match.by] += 1;
  if ((operations ?? []).length === 0) return;
  for (const path of Object.keys(after ?? {})) users.set(path, (users.get(path) ?? 0) + 1);
}

function zeros<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
}

async function countOf(db: Reader, runId: string): Promise<number> {
  const counted = db.selectFrom('inventory_users').select((eb) => eb.fn.countAll<number>().as('count'));
  return (await counted.where('run_id', '=', runId).executeTakeFirstOrThrow()).count;
}

function adoptions(db: Reader, runId: string, after: string) {
  return db
    .selectFrom('changes')
    .select(['anchor', 'change'])
    .where('run_id', '=', runId)
    .where('kind', '=', 'adopt')
    .where('anchor', '>', after)
    .orderBy('anchor')
    .limit(PAGE)
    .execute();
}

async function unowned(db: Reader, sync: string, runId: string): Promise<TakeoverReport['unowned']> {
  const nobodys = db
    .selectFrom('inventory_users as i')
    .where('i.run_id', '=', runId)
    .where(
      sql<boolean>`not exists (select 1 from links as l where l.sync = ${sync} and l.genesys_id = i.genesys_id)
        and i.genesys_id not in (select c.genesys_id from changes as c
          where c.run_id = ${runId} and c.kind = 'adopt' and c.genesys_id is not null)`,
    );
  const { count } = await nobodys.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  const rows = await nobodys
    .select(['i.genesys_id', 'i.login', 'i.active'])
    .orderBy('i.login')
    .orderBy('i.genesys_id')
    .limit(NAMED)
    .execute();
  return {
    count,
    first: rows.map((row) => ({ genesysId: row.genesys_id, userName: row.login, active: row.active === 1 })),
  };
}
