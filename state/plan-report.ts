import { sql } from 'kysely';
import type { PlannedChange } from '../model/change.ts';
import { PERSON_MODES, type PlanReport } from '../model/run.ts';
import { keysetPages } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { fromJson } from './store-context.ts';
import { takeoverReport } from './takeover-report.ts';

const PAGE = 1_000;
type Shown = PlanReport['changes'][number];

/** What `plan --json` prints: the newest open batch, else the sync's last plan, in the order it is carried out. */
export async function planReport(engine: Engine, sync: string): Promise<PlanReport> {
  const source = await engine.read((db) => sourceOf(db, sync));
  if (source === null) return { heldBatch: null, changes: [] };
  const fetch = (after: readonly [string, string]) => engine.read((db) => page(db, source, after));
  const shown: { seq: number | null; change: Shown }[] = [];
  for await (const rows of keysetPages(['', ''] as const, PAGE, fetch, (row) => [row.anchor, row.kind] as const)) {
    for (const row of rows)
      shown.push({ seq: row.seq, change: toShown(fromJson<PlannedChange>(row.change), row.held_because) });
  }
  shown.sort((left, right) => (left.seq ?? Infinity) - (right.seq ?? Infinity) || 0);
  const changes = shown.map(({ change }) => change);
  const takeover = await takeoverReport(engine, sync, source.runId);
  return { heldBatch: source.batch, changes, ...(takeover === null ? {} : { takeover }) };
}

interface Source {
  runId: string;
  batch: string | null;
}

async function sourceOf(db: Reader, sync: string): Promise<Source | null> {
  const open = await db
    .selectFrom('batches as b')
    .innerJoin('runs as r', 'r.run_id', 'b.run_id')
    .select(['b.hash', 'b.run_id'])
    .where('b.sync', '=', sync)
    .where('b.status', '=', 'open')
    .orderBy('r.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (open !== undefined) return { runId: open.run_id, batch: open.hash };
  const last = await db
    .selectFrom('runs')
    .select('run_id')
    .where('sync', '=', sync)
    .where('planned_at', 'is not', null)
    .where('mode', 'not in', PERSON_MODES)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? null : { runId: last.run_id, batch: null };
}

function page(db: Reader, { runId, batch }: Source, after: readonly [string, string]) {
  const all = db
    .selectFrom('changes as c')
    .select(['c.anchor', 'c.kind', 'c.seq', 'c.change', 'c.held_because'])
    .where('c.run_id', '=', runId)
    .where(sql<boolean>`(c.anchor, c.kind) > (${after[0]}, ${after[1]})`)
    .orderBy('c.anchor')
    .orderBy('c.kind')
    .limit(PAGE);
  if (batch === null) return all.execute();
  return all
    .where(
      sql<boolean>`exists (select 1 from batch_members as m
        where m.batch_hash = ${batch} and m.anchor = c.anchor and m.kind = c.kind)`,
    )
    .execute();
}

function toShown(change: PlannedChange, heldBecause: string | null): Shown {
  const { anchor, kind, userName, before, after } = change;
  return { anchor, kind, userName, reason: toldReason(change, heldBecause), before, after };
}

/** Why, at whose cost, and what is in the way: whoever decides on a plan has to know all three. */
function toldReason({ reason, parked, predecessor }: PlannedChange, heldBecause: string | null): string {
  const { userName = '', genesysId = '', retirement } = predecessor ?? {};
  const cost = retirement ? 'retires' : 'goes on with';
  return [
    reason,
    ...(predecessor === undefined ? [] : [`${cost} the user ${userName} (${genesysId})`]),
    ...(parked === null ? [] : [`parked: ${parked.message}`]),
    ...(heldBecause === null ? [] : [`held: ${heldBecause}`]),
  ].join('; ');
}
