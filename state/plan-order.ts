import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ChangeKind, ChangeStatus } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { inPortions, keysetPages, MAX_ROWS } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import type { Slice } from './state.ts';
import type { StoreContext } from './store-context.ts';

/** Pages of planned changes as the computation of waves needs them. */
export function lightPages(context: StoreContext, runId: string) {
  const fetch = (after: readonly [string, string, number]) =>
    context.engine.read((db) =>
      db
        .selectFrom('changes')
        .select(['anchor', 'kind', 'part', 'genesys_id', 'refs', 'awaits', 'frees'])
        .where('run_id', '=', runId)
        .where('status', '=', 'planned')
        .where(sql<boolean>`(anchor, kind, part) > (${after[0]}, ${after[1]}, cast(${after[2]} as integer))`)
        .orderBy('anchor')
        .orderBy('kind')
        .orderBy('part')
        .limit(MAX_ROWS)
        .execute(),
    );
  return keysetPages(['', '', -1] as const, MAX_ROWS, fetch, (row) => [row.anchor, row.kind, row.part] as const);
}

interface ChangePlace {
  anchor: Anchor;
  kind: ChangeKind;
  /** Absent = 0. */
  part?: number;
  wave: number;
}

/** Sets the wave of each change named. */
export async function setWaves(context: StoreContext, runId: string, waves: readonly ChangePlace[]): Promise<void> {
  for (const { kind, part, wave, anchors } of groupedByWave(waves)) {
    await inPortions(anchors, 1, (portion) =>
      context.engine.write((trx) =>
        trx
          .updateTable('changes')
          .set({ wave })
          .where('run_id', '=', runId)
          .where('kind', '=', kind)
          .where('part', '=', part)
          .where('anchor', 'in', portion)
          .execute(),
      ),
    );
  }
}

function groupedByWave(waves: readonly ChangePlace[]) {
  const groups = new Map<string, { kind: ChangeKind; part: number; wave: number; anchors: Anchor[] }>();
  for (const { anchor, kind, part = 0, wave } of waves) {
    const group = groups.get(`${wave} ${kind} ${part}`) ?? { kind, part, wave, anchors: [] };
    group.anchors.push(anchor);
    groups.set(`${wave} ${kind} ${part}`, group);
  }
  return groups.values();
}

/** Numbers what has not been claimed: the planned changes first, then the others, each in order of wave, kind, anchor. */
export async function numberChanges(trx: Writer, runId: string): Promise<void> {
  const claimed = await trx
    .selectFrom('changes')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('run_id', '=', runId)
    .where('claim_at', 'is not', null)
    .executeTakeFirst();
  let last = claimed?.seq ?? 0;
  await trx
    .updateTable('changes')
    .set({ seq: null })
    .where('run_id', '=', runId)
    .where('claim_at', 'is', null)
    .where('seq', 'is not', null)
    .execute();
  for (const status of ['planned', 'held', 'parked', 'superseded'] as const) {
    last = await numberStatus(trx, runId, status, last);
  }
}

async function numberStatus(trx: Writer, runId: string, status: ChangeStatus, before: number): Promise<number> {
  let last = before;
  for (let key = { wave: -1, kind: '', anchor: '', part: -1 }; ;) {
    const result = await sql`
      update changes set seq = cast(${last} as integer) + page.place from (
        select anchor, kind, part, row_number() over (order by wave, kind, anchor, part) as place from changes
        where run_id = ${runId} and status = ${status} and claim_at is null and (wave, kind, anchor, part)
          > (cast(${key.wave} as integer), ${key.kind}, ${key.anchor}, cast(${key.part} as integer))
        order by wave, kind, anchor, part limit ${MAX_ROWS}) as page
      where changes.run_id = ${runId} and changes.anchor = page.anchor and changes.kind = page.kind
        and changes.part = page.part`.execute(trx);
    const count = Number(result.numAffectedRows ?? 0);
    last += count;
    if (count < MAX_ROWS) return last;
    key = await trx
      .selectFrom('changes')
      .select(['wave', 'kind', 'anchor', 'part'])
      .where('run_id', '=', runId)
      .where('seq', '=', last)
      .executeTakeFirstOrThrow();
    await setImmediate();
  }
}

/** A recycle is a workflow of its own, which costs its slice more events than an activity. */
const WEIGHT_OF_A_RECYCLE = 4;

/** The next slices of planned changes. A slice may span numbers that are no longer planned, never another wave or kind. */
export async function nextSlices(
  db: Reader,
  runId: string,
  after: number,
  limit: number,
  size: number,
): Promise<Slice[]> {
  const slices: { slice: Slice; count: number }[] = [];
  const rows = await db
    .selectFrom('changes')
    .select([sql<number>`seq`.as('seq'), 'wave', 'kind'])
    .where('run_id', '=', runId)
    .where('status', '=', 'planned')
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit * size)
    .execute();
  for (const { seq, wave, kind } of rows) {
    const current = slices.at(-1);
    const most = kind === 'recycle' ? Math.ceil(size / WEIGHT_OF_A_RECYCLE) : size;
    if (current !== undefined && current.count < most && current.slice.wave === wave && current.slice.kind === kind) {
      current.slice.to = seq;
      current.count += 1;
    } else {
      if (slices.length === limit) break;
      slices.push({ slice: { wave, kind, from: seq, to: seq }, count: 1 });
    }
  }
  return slices.map(({ slice }) => slice);
}
