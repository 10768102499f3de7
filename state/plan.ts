import { sql } from 'kysely';
import { CHANGE_KINDS, type ChangeKind, type ChangeStatus, type PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { inPortions } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import { recordParked } from './parked.ts';
import type { ChangeRef } from './state.ts';
import type { StoreContext } from './store-context.ts';

const COLUMNS = 17;

/** Drops what a run planned before, except changes that were already claimed, and with it its batch if still open. */
export async function beginPlan(trx: Writer, runId: string, now: string): Promise<void> {
  await trx.deleteFrom('changes').where('run_id', '=', runId).where('claim_at', 'is', null).execute();
  const batch = await trx
    .deleteFrom('batches')
    .where('run_id', '=', runId)
    .where('status', '=', 'open')
    .returning('hash')
    .executeTakeFirst();
  if (batch !== undefined) await trx.deleteFrom('batch_members').where('batch_hash', '=', batch.hash).execute();
  await trx.updateTable('runs').set({ planned_at: now }).where('run_id', '=', runId).execute();
}

/** Stores a page of the plan. A change that stands there already stays as it is. */
export async function addChanges(
  context: StoreContext,
  runId: string,
  sync: string,
  changes: readonly PlannedChange[],
  status: 'planned' | 'held',
): Promise<void> {
  await inPortions(changes, COLUMNS, (portion) =>
    context.engine.write(async (trx) => {
      const rows = portion.map((change) => ({ run_id: runId, sync, wave: 0, ...columnsOf(change, status) }));
      await trx
        .insertInto('changes')
        .values(rows)
        .onConflict((oc) => oc.doNothing())
        .execute();
      await recordParkedOf(trx, runId, sync, portion, context.now());
    }),
  );
}

/** A dry run changes nothing about when a parked person is tried again. */
async function recordParkedOf(
  trx: Writer,
  runId: string,
  sync: string,
  changes: readonly PlannedChange[],
  now: string,
): Promise<void> {
  const failing = changes.filter((change) => change.parked !== null);
  if (failing.length === 0) return;
  const run = await trx.selectFrom('runs').select('dry_run').where('run_id', '=', runId).executeTakeFirst();
  if (run?.dry_run === 1) return;
  for (const change of failing) {
    if (change.parked === null) continue;
    await recordParked(trx, { runId, sync, change, failure: { ...change.parked, correlationId: null }, now });
  }
}

function columnsOf(change: PlannedChange, status: ChangeStatus) {
  return {
    anchor: change.anchor,
    kind: change.kind,
    part: change.part ?? 0,
    status: change.parked === null ? status : ('parked' as const),
    genesys_id: change.genesysId,
    user_name: change.userName,
    held_because: change.heldBecause,
    writes: writesNothing(change) ? 0 : 1,
    refs: JSON.stringify(referencesOf(change)),
    awaits: change.awaits?.genesysId ?? null,
    frees: givesLoginAway(change) ? 1 : 0,
    change: JSON.stringify(change),
    code: change.parked?.code ?? null,
    message: change.parked?.message ?? null,
  };
}

/** An adoption of somebody who is as he shall be; one about which a person has to decide counts like any other. */
function writesNothing({ kind, operations, heldBecause }: PlannedChange): boolean {
  return kind === 'adopt' && operations?.length === 0 && heldBecause === null;
}

/** A change of a user who has a login already and gets another one, or is retired. */
function givesLoginAway({ genesysId, before, after, predecessor }: PlannedChange): boolean {
  if (predecessor?.retirement) return true;
  const [present, wanted] = [before?.['userName'], after?.['userName']];
  if (genesysId === null || typeof present !== 'string' || typeof wanted !== 'string') return false;
  return present.toLowerCase() !== wanted.toLowerCase();
}

function referencesOf(change: PlannedChange): Anchor[] {
  const references = (change.desired?.attributes ?? []).map((attribute) => attribute.reference);
  return [...new Set(references.filter((reference) => reference !== null))];
}

/** One statement a change; counted as so many parameters, a transaction stays short. */
const PARAMETERS_OF_A_REWRITE = 100;

/** Rewrites changes that are still planned; one with `parked` is parked. */
export async function replaceChanges(
  context: StoreContext,
  runId: string,
  sync: string,
  changes: readonly PlannedChange[],
): Promise<void> {
  await inPortions(changes, PARAMETERS_OF_A_REWRITE, (portion) =>
    context.engine.write(async (trx) => {
      for (const change of portion) {
        await trx
          .updateTable('changes')
          .set(columnsOf(change, 'planned'))
          .where('run_id', '=', runId)
          .where('anchor', '=', change.anchor)
          .where('kind', '=', change.kind)
          .where('part', '=', change.part ?? 0)
          .where('status', '=', 'planned')
          .execute();
      }
      await recordParkedOf(trx, runId, sync, portion, context.now());
    }),
  );
}

/** Holds planned changes of these kinds, and those that wait whatever the limits say. */
export async function holdPlanned(
  trx: Writer,
  runId: string,
  kinds: readonly ChangeKind[] | 'all',
  batch: string,
): Promise<number> {
  const result = await trx
    .updateTable('changes')
    .set({ status: 'held', held_in: batch })
    .where('run_id', '=', runId)
    .where('status', '=', 'planned')
    .where('writes', '=', 1)
    .where((eb) =>
      kinds === 'all'
        ? eb.lit(true)
        : eb.or([eb('held_because', 'is not', null), ...kinds.map((kind) => eb('kind', '=', kind))]),
    )
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** How many changes of the run stand held in this very batch. */
export async function heldIn(db: Reader, runId: string, batch: string): Promise<number> {
  const row = await db
    .selectFrom('changes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('run_id', '=', runId)
    .where('status', '=', 'held')
    .where('held_in', '=', batch)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** How many planned changes of each kind no policy holds anyway. */
export async function plannedCounts(db: Reader, runId: string): Promise<Record<ChangeKind, number>> {
  const rows = await db
    .selectFrom('changes')
    .select((eb) => ['kind', eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', runId)
    .where('status', '=', 'planned')
    .where('held_because', 'is', null)
    .where('writes', '=', 1)
    .groupBy('kind')
    .execute();
  const counts = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  for (const { kind, count } of rows) counts[kind] = count;
  return counts;
}

/** Ends one change that has not ended, whoever claimed it; with `token` only where that claim holds it. */
export async function supersedeOne(
  trx: Writer,
  ref: ChangeRef,
  reason: string,
  token: string | null,
): Promise<boolean> {
  const open = trx
    .updateTable('changes')
    .set({ status: 'superseded', code: 'superseded', message: reason })
    .where('run_id', '=', ref.runId)
    .where('seq', '=', ref.seq)
    .where('status', 'in', ['planned', 'writing']);
  const mine = token === null ? open : open.where('status', '=', 'writing').where('claim_token', '=', token);
  return (await mine.executeTakeFirst()).numUpdatedRows > 0n;
}

/** Makes every change still planned superseded, in one statement; returns how many. */
export async function supersedePlanned(trx: Writer, runId: string, reason: string): Promise<number> {
  const result = await trx
    .updateTable('changes')
    .set({ status: 'superseded', code: 'superseded', message: reason })
    .where('run_id', '=', runId)
    .where('status', '=', 'planned')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Drops planned changes that the approved batch does not name: members may drop out, none may join. */
export async function keepOnlyMembers(trx: Writer, runId: string, batch: string): Promise<number> {
  const result = await trx
    .updateTable('changes')
    .set({ status: 'superseded', code: 'superseded', message: 'The approved batch does not contain this change.' })
    .where('run_id', '=', runId)
    .where('status', '=', 'planned')
    .where(
      sql<boolean>`not exists (select 1 from batch_members as m where m.batch_hash = ${batch}
        and m.anchor = changes.anchor and m.kind = changes.kind
        and coalesce(m.genesys_id, '') = coalesce(changes.genesys_id, ''))`,
    )
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
