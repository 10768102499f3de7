import { sql, type Selectable } from 'kysely';
import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { inPortions, keysetPages, MAX_ROWS } from './batching.ts';
import type { Writer } from './engine.ts';
import { hashBatch, type BatchMember } from './hash.ts';
import { holdPlanned } from './plan.ts';
import { planReport } from './plan-report.ts';
import type { BatchesTable } from './schema.ts';
import type { Batch, BatchStore } from './state.ts';
import { fromJson, type StoreContext } from './store-context.ts';

type CreateOptions = Parameters<BatchStore['create']>[1];
type Decision = Parameters<BatchStore['decide']>[1];

export function batchStore({ engine, now }: StoreContext): BatchStore {
  return {
    create: async (runId, options) => {
      const batch = await engine.write((trx) => create(trx, runId, options, now()), { serializable: true });
      await engine.loaded('batch_members', 'changes');
      return batch;
    },
    get: async (sync, hash) => {
      const row = await engine.read((db) =>
        db.selectFrom('batches').selectAll().where('sync', '=', sync).where('hash', '=', hash).executeTakeFirst(),
      );
      return row === undefined ? null : toBatch(row);
    },
    decide: (hash, decision) => engine.write((trx) => decide(trx, hash, decision, now())),
    voidOutdated: (sync, configHash) => engine.write((trx) => voidOutdated(trx, sync, configHash, now())),
    openMembers: async (sync) => {
      const fetch = (after: readonly [string, string, string]) =>
        engine.read((db) =>
          db
            .selectFrom('batch_members as m')
            .innerJoin('batches as b', 'b.hash', 'm.batch_hash')
            .select(['m.batch_hash', 'm.anchor', 'm.kind'])
            .where('b.sync', '=', sync)
            .where(isUndone(now()))
            .where(sql<boolean>`(m.batch_hash, m.anchor, m.kind) > (${after[0]}, ${after[1]}, ${after[2]})`)
            .orderBy('m.batch_hash')
            .orderBy('m.anchor')
            .orderBy('m.kind')
            .limit(MAX_ROWS)
            .execute(),
        );
      const members = new Map<Anchor, ChangeKind[]>();
      const key = (row: { batch_hash: string; anchor: string; kind: ChangeKind }) =>
        [row.batch_hash, row.anchor, row.kind] as const;
      for await (const page of keysetPages(['', '', ''] as const, MAX_ROWS, fetch, key)) {
        for (const row of page) members.set(row.anchor, [...(members.get(row.anchor) ?? []), row.kind]);
      }
      return members;
    },
    adoptions: async (hash) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('batch_members')
          .select(['anchor', 'genesys_id'])
          .where('batch_hash', '=', hash)
          .where('kind', '=', 'adopt')
          .execute(),
      );
      return new Map(rows.flatMap((row) => (row.genesys_id === null ? [] : [[row.anchor, row.genesys_id] as const])));
    },
    predecessors: async (hash) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('batch_members as m')
          .innerJoin('batches as b', 'b.hash', 'm.batch_hash')
          .innerJoin('links as l', (join) =>
            join.onRef('l.sync', '=', 'b.sync').onRef('l.genesys_id', '=', 'm.genesys_id'),
          )
          .select('l.anchor')
          .where('m.batch_hash', '=', hash)
          .where('m.kind', 'in', ['recycle', 'rebind'])
          .orderBy('l.anchor')
          .execute(),
      );
      return rows.map((row) => row.anchor);
    },
    replacements: async (hash) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('batch_members as m')
          .innerJoin('batches as b', 'b.hash', 'm.batch_hash')
          .innerJoin('links as l', (join) => join.onRef('l.sync', '=', 'b.sync').onRef('l.anchor', '=', 'm.anchor'))
          .select('l.anchor')
          .where('m.batch_hash', '=', hash)
          .where('m.kind', 'in', ['create', 'adopt'])
          .orderBy('l.anchor')
          .execute(),
      );
      return rows.map((row) => row.anchor);
    },
    anchors: async function* (hash, size = 1_000) {
      const fetch = (after: string) =>
        engine.read((db) =>
          db
            .selectFrom('batch_members')
            .select('anchor')
            .distinct()
            .where('batch_hash', '=', hash)
            .where('anchor', '>', after)
            .orderBy('anchor')
            .limit(size)
            .execute(),
        );
      for await (const page of keysetPages('', size, fetch, (row) => row.anchor)) yield page.map((row) => row.anchor);
    },
    plan: (sync) => planReport(engine, sync),
  };
}

/** Open, unless it is a dry run's; or approved, while the run that carries it out waits for its turn. */
const isUndone = (now: string) => sql<boolean>`((b.status = 'open' and b.dry_run = 0)
  or (b.status = 'approved' and b.expires_at > ${now}
    and not exists (select 1 from runs as r where r.batch = b.hash and r.planned_at is not null)))`;

/** One batch a run: a repeated call finds the first one's. */
async function create(trx: Writer, runId: string, options: CreateOptions, now: string): Promise<Batch | null> {
  const existing = await trx.selectFrom('batches').selectAll().where('run_id', '=', runId).executeTakeFirst();
  if (existing !== undefined) return toBatch(existing);
  const run = await trx.selectFrom('runs').select('sync').where('run_id', '=', runId).executeTakeFirstOrThrow();
  const members = await membersFor(trx, runId, options);
  if (members.length === 0) return null;
  const hash = hashBatch(runId, members);
  await insertMembers(trx, hash, members);
  await holdPlanned(trx, runId, options.kinds, hash);
  const row: Selectable<BatchesTable> = {
    hash,
    sync: run.sync,
    run_id: runId,
    config_hash: options.configHash,
    dry_run: options.dryRun ? 1 : 0,
    status: 'open',
    reasons: JSON.stringify(options.reasons),
    size: members.length,
    created_at: now,
    expires_at: options.expiresAt,
    decided_at: null,
    decided_by: null,
    decision_reason: null,
  };
  await trx.insertInto('batches').values(row).execute();
  return toBatch(row);
}

/** The changes to be held; of a dry run its whole plan. What an older open batch keeps out belongs to that one alone. */
async function membersFor(trx: Writer, runId: string, options: CreateOptions): Promise<BatchMember[]> {
  const { kinds, dryRun } = options;
  const fetch = (after: readonly [string, string]) =>
    trx
      .selectFrom('changes')
      .select(['anchor', 'kind', 'genesys_id'])
      .where('run_id', '=', runId)
      // Whoever waits for one of several changes of a kind waits for all of them.
      .where('part', '=', 0)
      .where('status', '=', 'planned')
      .where((eb) =>
        dryRun
          ? eb.lit(true)
          : eb.and([
              eb('writes', '=', 1),
              kinds === 'all'
                ? eb.lit(true)
                : eb.or([eb('held_because', 'is not', null), ...kinds.map((kind) => eb('kind', '=', kind))]),
            ]),
      )
      .where(sql<boolean>`(anchor, kind) > (${after[0]}, ${after[1]})`)
      .orderBy('anchor')
      .orderBy('kind')
      .limit(MAX_ROWS)
      .execute();
  const members: BatchMember[] = [];
  for await (const page of keysetPages(['', ''] as const, MAX_ROWS, fetch, (row) => [row.anchor, row.kind] as const)) {
    for (const row of page) members.push({ anchor: row.anchor, kind: row.kind, genesysId: row.genesys_id });
  }
  return members;
}

async function insertMembers(trx: Writer, hash: string, members: BatchMember[]): Promise<void> {
  await inPortions(members, 4, (portion) =>
    trx
      .insertInto('batch_members')
      .values(portion.map((m) => ({ batch_hash: hash, anchor: m.anchor, kind: m.kind, genesys_id: m.genesysId })))
      .execute(),
  );
}

/** Conditional on `open`, so that one of two decisions wins; the same decision again is told that it stands. */
async function decide(trx: Writer, hash: string, decision: Decision, now: string): Promise<boolean> {
  const { status, by, reason } = decision;
  const result = await trx
    .updateTable('batches')
    .set({ status, decided_at: now, decided_by: by, decision_reason: reason })
    .where('hash', '=', hash)
    .where('status', '=', 'open')
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return isDecided(trx, hash, decision);
  if (status !== 'approved') await releaseHeld(trx, [hash], `The held batch was ${status}.`);
  return true;
}

async function isDecided(trx: Writer, hash: string, decision: Decision): Promise<boolean> {
  const row = await trx.selectFrom('batches').selectAll().where('hash', '=', hash).executeTakeFirst();
  return (
    row !== undefined &&
    row.status === decision.status &&
    row.decided_by === decision.by &&
    row.decision_reason === decision.reason
  );
}

async function voidOutdated(trx: Writer, sync: string, configHash: string, now: string): Promise<string[]> {
  const rows = await trx
    .updateTable('batches')
    .set({ status: 'void', decided_at: now })
    .where('sync', '=', sync)
    .where('status', '=', 'open')
    .where((eb) => eb.or([eb('dry_run', '=', 1), eb('config_hash', '<>', configHash), eb('expires_at', '<', now)]))
    .returning('hash')
    .execute();
  const hashes = rows.map((row) => row.hash).sort();
  await releaseHeld(
    trx,
    hashes,
    'The held batch became void: it expired, the configuration changed or a newer run followed.',
  );
  return hashes;
}

/** What a batch held is superseded; a dry run's numbers stay as they were. */
async function releaseHeld(trx: Writer, hashes: string[], reason: string): Promise<void> {
  if (hashes.length === 0) return;
  const runs = await trx
    .selectFrom('batches')
    .select('run_id')
    .where('hash', 'in', hashes)
    .where('dry_run', '=', 0)
    .execute();
  for (const { run_id: runId } of runs) {
    await trx
      .updateTable('changes')
      .set({ status: 'superseded', code: 'superseded', message: reason })
      .where('run_id', '=', runId)
      .where('status', '=', 'held')
      .where('held_in', 'in', hashes)
      .execute();
  }
}

export function toBatch(row: Selectable<BatchesTable>): Batch {
  return {
    hash: row.hash,
    sync: row.sync,
    runId: row.run_id,
    configHash: row.config_hash,
    dryRun: row.dry_run === 1,
    status: row.status,
    reasons: fromJson<string[]>(row.reasons),
    size: row.size,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
  };
}
