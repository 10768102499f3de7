import { sql } from 'kysely';
import type { Anchor } from '../model/entry.ts';
import { isOnOnePerson, PERSON_MODES, type RequestCounts } from '../model/run.ts';
import { inPortions } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import { supersedePlanned } from './plan.ts';
import { forgetPreviews } from './previews.ts';
import { runReport } from './run-report.ts';
import { findRun, toRun } from './run-row.ts';
import type { ChangeRef, RunNote, RunStart, RunStore } from './state.ts';
import type { StoreContext } from './store-context.ts';

/** Longer than a run on one person is let live: whoever is still open after that was ended from outside. */
const LONGEST_ON_ONE_PERSON_MS = 70 * 60_000;

const TERMINATED = 'The workflow of this run was ended from outside before it could close; a later run closed it.';

export function runStore(context: StoreContext): RunStore {
  const { engine } = context;
  return {
    open: (start) => engine.write((trx) => open(trx, start, context.now()), { serializable: true }),
    get: (runId) => engine.read((db) => findRun(db, runId)),
    list: async (sync, limit, { everybody } = { everybody: false }) => {
      const hidden = everybody ? PERSON_MODES : (['preview'] as const);
      const query = (db: Reader) => newestFirst(db, sync).where('mode', 'not in', hidden).limit(limit).execute();
      return (await engine.read(query)).map(toRun);
    },
    lastComplete: async (sync, modes, options = {}) => {
      if (modes.length === 0) return null;
      const row = await engine.read((db) =>
        newestFirst(db, sync)
          .where('directory_complete', '=', 1)
          .where('mode', 'in', modes)
          .where('dry_run', '<=', options.dryRuns === true ? 1 : 0)
          .limit(1)
          .executeTakeFirst(),
      );
      return row === undefined ? null : toRun(row);
    },
    setDirectory: async (runId, counts) => {
      const values = {
        directory_read: counts.read,
        directory_in_scope: counts.inScope,
        directory_invalid: counts.invalid,
        directory_complete: counts.complete ? 1 : 0,
      };
      await engine.write((trx) => trx.updateTable('runs').set(values).where('run_id', '=', runId).execute());
    },
    setUnchanged: async (runId, unchanged) => {
      await engine.write((trx) => trx.updateTable('runs').set({ unchanged }).where('run_id', '=', runId).execute());
    },
    addRequests: (runId, requests) => engine.write((trx) => countRequests(trx, runId, requests)),
    close: (runId, end) => engine.write((trx) => close(trx, runId, end, context.now())),
    report: (runId) => engine.read((db) => runReport(db, runId, context.now())),
    addNotes: (runId, notes) => engine.write((trx) => replaceNotes(trx, runId, notes)),
    notes: (runId, limit) => engine.read((db) => notesOf(db, runId, limit)),
    forgetPreviews: (sync, which) => forgetPreviews(engine, sync, which),
  };
}

async function open(
  trx: Writer,
  start: RunStart,
  now: string,
): Promise<{ terminated: string[]; unfinished: ChangeRef[] }> {
  const known = await trx.selectFrom('runs').select('run_id').where('run_id', '=', start.runId).executeTakeFirst();
  if (known === undefined) {
    await terminateOthers(trx, start, now);
    await insertRun(trx, start, now);
  }
  const terminated = await trx
    .selectFrom('runs')
    .select('run_id')
    .where('sync', '=', start.sync)
    .where('terminated_by', '=', start.runId)
    .orderBy('number')
    .execute();
  return { terminated: terminated.map((row) => row.run_id), unfinished: await unfinishedOf(trx, start.sync) };
}

async function terminateOthers(trx: Writer, start: RunStart, now: string): Promise<void> {
  const dead = new Date(Date.parse(now) - LONGEST_ON_ONE_PERSON_MS).toISOString();
  const others = await trx
    .updateTable('runs')
    .set({ finished_at: now, outcome: 'terminated', error: TERMINATED, terminated_by: start.runId })
    .where('sync', '=', start.sync)
    .where('finished_at', 'is', null)
    .where((eb) =>
      isOnOnePerson(start.mode)
        ? eb('workflow_id', '=', start.workflowId)
        : eb.or([eb('mode', 'not in', PERSON_MODES), eb('started_at', '<', dead)]),
    )
    .returning(['run_id', 'dry_run'])
    .execute();
  for (const other of others) {
    if (other.dry_run === 0) await supersedePlanned(trx, other.run_id, 'The run was ended from outside.');
  }
}

async function insertRun(trx: Writer, start: RunStart, now: string): Promise<void> {
  const last = await trx
    .selectFrom('runs')
    .select((eb) => eb.fn.max('number').as('number'))
    .where('sync', '=', start.sync)
    .executeTakeFirst();
  const counters = { requests_token: 0, requests_read: 0, requests_write: 0, requests_throttled: 0 };
  const directory = { directory_read: 0, directory_in_scope: 0, directory_invalid: 0, directory_complete: 0 };
  const row = {
    run_id: start.runId,
    sync: start.sync,
    number: (last?.number ?? 0) + 1,
    workflow_id: start.workflowId,
    mode: start.mode,
    dry_run: start.dryRun ? 1 : 0,
    actor: start.actor,
    config_hash: start.configHash,
    batch: start.batch,
    rebind_by: start.rebindBy ?? null,
    started_at: now,
    unchanged: 0,
  };
  await trx
    .insertInto('runs')
    .values({ ...row, ...counters, ...directory })
    .execute();
}

/** `status` is spelled out in the statement, since a parameter would keep SQLite from using the partial index. */
export async function unfinishedOf(trx: Reader, sync: string, anchors?: Anchor[]): Promise<ChangeRef[]> {
  const rows = await trx
    .selectFrom('changes as c')
    .innerJoin('runs as r', 'r.run_id', 'c.run_id')
    .select(['c.run_id', sql<number>`c.seq`.as('seq')])
    .where('c.sync', '=', sync)
    .where('c.status', '=', sql.lit('writing'))
    .where('r.finished_at', 'is not', null)
    .where((eb) => {
      if (anchors === undefined) return eb.lit(true);
      const users = eb.selectFrom('links').select('genesys_id').where('sync', '=', sync).where('anchor', 'in', anchors);
      return eb.or([eb('c.anchor', 'in', anchors), eb('c.claim_user', 'in', users)]);
    })
    .orderBy('r.number')
    .orderBy('c.seq')
    .execute();
  return rows.map((row) => ({ runId: row.run_id, seq: row.seq }));
}

async function close(trx: Writer, runId: string, end: Parameters<RunStore['close']>[1], now: string): Promise<void> {
  const closed = await trx
    .updateTable('runs')
    .set({ finished_at: now, outcome: end.outcome, error: end.error, held_batch: end.heldBatch })
    .where('run_id', '=', runId)
    .where('finished_at', 'is', null)
    .returning('dry_run')
    .executeTakeFirst();
  // The plan of a dry run stays as it is: `planned` counts what would have been applied.
  if (closed?.dry_run === 0) await supersedePlanned(trx, runId, 'The run ended before this change was made.');
}

/** Adds to a run's request counters. */
export async function countRequests(trx: Writer, runId: string, requests: RequestCounts): Promise<void> {
  await trx
    .updateTable('runs')
    .set((eb) => ({
      requests_token: eb('requests_token', '+', requests.token),
      requests_read: eb('requests_read', '+', requests.read),
      requests_write: eb('requests_write', '+', requests.write),
      requests_throttled: eb('requests_throttled', '+', requests.throttled),
    }))
    .where('run_id', '=', runId)
    .execute();
}

async function replaceNotes(trx: Writer, runId: string, notes: RunNote[]): Promise<void> {
  const anchors = [...new Set(notes.map((note) => note.anchor))];
  await inPortions(anchors, 1, (portion) =>
    trx.deleteFrom('run_notes').where('run_id', '=', runId).where('anchor', 'in', portion).execute(),
  );
  const rows = notes.map((note, position) => ({ run_id: runId, position, ...note }));
  await inPortions(rows, 7, (portion) => trx.insertInto('run_notes').values(portion).execute());
}

/** Problems first (they sort before warnings), then by anchor. */
async function notesOf(db: Reader, runId: string, limit: number): Promise<RunNote[]> {
  return db
    .selectFrom('run_notes')
    .select(['anchor', 'dn', 'severity', 'attribute', 'problem'])
    .where('run_id', '=', runId)
    .orderBy('severity')
    .orderBy('anchor')
    .orderBy('position')
    .limit(limit)
    .execute();
}

function newestFirst(db: Reader, sync: string) {
  return db.selectFrom('runs').selectAll().where('sync', '=', sync).orderBy('number', 'desc');
}
