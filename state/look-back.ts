import { sql } from 'kysely';
import { CHANGE_KINDS, type ChangeKind, type ChangeStatus, type PlannedChange, type Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { RunMode, RunOutcome, TakeoverReport } from '../model/run.ts';
import { toAuditRow } from './audit.ts';
import { toBatch } from './batches.ts';
import { keysetPages } from './batching.ts';
import type { Reader } from './engine.ts';
import { toRun } from './run-row.ts';
import type { AuditRow, Batch, RunRow } from './state.ts';
import { fromJson, type StoreContext } from './store-context.ts';
import { takeoverReport } from './takeover-report.ts';

/** One change of a run's plan with what became of it. Values, reason, time and actor are those of the write once there was one. */
export interface RunChange {
  anchor: Anchor;
  kind: ChangeKind;
  /** `planned` in a dry run: would have been applied. */
  status: ChangeStatus;
  userName: string;
  displayName: string;
  dn: string;
  /** Null for a create that was not applied. */
  genesysId: string | null;
  reason: string;
  before: Values | null;
  after: Values | null;
  /** When it was applied, and by whom; null otherwise. */
  at: string | null;
  actor: string | null;
  /** Why it was not applied and what to do; null where there is nothing to say. */
  code: string | null;
  message: string | null;
  correlationId: string | null;
  /** Why it waits for a person whatever the limits say; null where no policy does. */
  heldBecause: string | null;
}

/** What the commands that look back ask, beside what runs need themselves. */
export interface LookBackStore {
  /** Applied changes from the audit trail, newest first. `since` is included; `anchors` null = everybody. */
  applied(
    sync: string,
    options: { kinds: readonly ChangeKind[]; since: string | null; anchors: readonly Anchor[] | null; limit: number },
  ): Promise<AuditRow[]>;
  /** The newest run of a mode that read every directory and carried its plan out (completed, parked or held); no dry run. */
  lastGood(sync: string, mode: RunMode): Promise<RunRow | null>;
  /** Every batch that waits for a decision, newest first. */
  openBatches(sync: string): Promise<Batch[]>;
  /** Runs whose id starts so, newest first. */
  runsStartingWith(sync: string, prefix: string, limit: number): Promise<RunRow[]>;
  /**
   * What a run makes of the Genesys users whom nobody managed; null when it listed none, or its listing is no longer kept:
   * the next full or delta run drops it.
   */
  takeover(sync: string, runId: string): Promise<TakeoverReport | null>;
  /** Every change of a run, in the order it is carried out, those without a place in it last; in pages. */
  changesOf(runId: string, size?: number): AsyncGenerator<RunChange[]>;
}

const GOOD: readonly RunOutcome[] = ['completed', 'parked', 'held'];

export function lookBackStore({ engine }: StoreContext): LookBackStore {
  return {
    applied: (sync, options) => engine.read((db) => applied(db, sync, options)),
    lastGood: async (sync, mode) => {
      const row = await engine.read((db) =>
        runsOf(db, sync)
          .where('mode', '=', mode)
          .where('dry_run', '=', 0)
          .where('directory_complete', '=', 1)
          .where('outcome', 'in', GOOD)
          .limit(1)
          .executeTakeFirst(),
      );
      return row === undefined ? null : toRun(row);
    },
    openBatches: async (sync) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('batches as b')
          .innerJoin('runs as r', 'r.run_id', 'b.run_id')
          .selectAll('b')
          .where('b.sync', '=', sync)
          .where('b.status', '=', 'open')
          .orderBy('r.number', 'desc')
          .execute(),
      );
      return rows.map(toBatch);
    },
    runsStartingWith: async (sync, prefix, limit) => {
      const begins = sql<boolean>`substr(run_id, 1, ${sql.lit(prefix.length)}) = ${prefix}`;
      return (await engine.read((db) => runsOf(db, sync).where(begins).limit(limit).execute())).map(toRun);
    },
    takeover: (sync, runId) => takeoverReport(engine, sync, runId),
    changesOf: async function* (runId, size = 500) {
      const numbered = (after: number) => engine.read((db) => numberedPage(db, runId, after, size));
      for await (const page of keysetPages(-1, size, numbered, (row) => row.seq ?? 0)) yield page.map(toRunChange);
      const others = (after: OtherKey) => engine.read((db) => otherPage(db, runId, after, size));
      const key = (row: Row): OtherKey => [row.anchor, row.kind, row.part];
      for await (const page of keysetPages<Row, OtherKey>(['', '', -1], size, others, key)) yield page.map(toRunChange);
    },
  };
}

function runsOf(db: Reader, sync: string) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('sync', '=', sync)
    .where('mode', '<>', 'preview')
    .orderBy('number', 'desc');
}

type AppliedOptions = Parameters<LookBackStore['applied']>[1];

/** Kind by kind, since the index over (sync, kind, at) then ends each search at the limit, however long the trail is. */
async function applied(db: Reader, sync: string, options: AppliedOptions): Promise<AuditRow[]> {
  const { since, anchors, limit } = options;
  if (anchors?.length === 0) return [];
  const kinds = CHANGE_KINDS.filter((kind) => options.kinds.includes(kind));
  const found: AuditRow[] = [];
  for (const kind of kinds) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('sync', '=', sync)
      .where('kind', '=', kind)
      .where('at', '>=', since ?? '')
      .where((eb) => (anchors === null ? eb.lit(true) : eb('anchor', 'in', anchors)))
      .orderBy('at', 'desc')
      .orderBy('anchor')
      .limit(limit)
      .execute();
    found.push(...rows.map(toAuditRow));
  }
  return found.sort(newestFirst).slice(0, limit);
}

function newestFirst(left: AuditRow, right: AuditRow): number {
  if (left.at !== right.at) return left.at > right.at ? -1 : 1;
  return left.anchor === right.anchor ? 0 : left.anchor < right.anchor ? -1 : 1;
}

/** A change with the audit row that it became, if it did. */
function changeRows(db: Reader, runId: string) {
  return db
    .selectFrom('changes as c')
    .leftJoin('audit as a', (join) =>
      join
        .onRef('a.run_id', '=', 'c.run_id')
        .onRef('a.anchor', '=', 'c.anchor')
        .onRef('a.kind', '=', 'c.kind')
        .onRef('a.part', '=', 'c.part')
        .on('a.step', '<>', 'revived'),
    )
    .select(['c.anchor', 'c.kind', 'c.part', 'c.seq', 'c.status', 'c.change', 'c.genesys_id', 'c.code', 'c.message'])
    .select('c.held_because')
    .select('c.correlation_id')
    .select(['a.genesys_id as written_id', 'a.before_values', 'a.after_values', 'a.reason', 'a.at', 'a.actor'])
    .where('c.run_id', '=', runId);
}

type Row = Awaited<ReturnType<ReturnType<typeof changeRows>['execute']>>[number];

function numberedPage(db: Reader, runId: string, after: number, size: number): Promise<Row[]> {
  return changeRows(db, runId).where('c.seq', '>', after).orderBy('c.seq').limit(size).execute();
}

type OtherKey = readonly [anchor: string, kind: string, part: number];

/** Changes of a run that ended before its plan was numbered. */
function otherPage(db: Reader, runId: string, after: OtherKey, size: number): Promise<Row[]> {
  return changeRows(db, runId)
    .where('c.seq', 'is', null)
    .where(sql<boolean>`(c.anchor, c.kind, c.part) > (${after[0]}, ${after[1]}, cast(${after[2]} as integer))`)
    .orderBy('c.anchor')
    .orderBy('c.kind')
    .orderBy('c.part')
    .limit(size)
    .execute();
}

function toRunChange(row: Row): RunChange {
  const change = fromJson<PlannedChange>(row.change);
  const written = row.at !== null;
  return {
    anchor: row.anchor,
    kind: row.kind,
    status: row.status,
    userName: change.userName,
    displayName: change.displayName,
    dn: change.dn,
    genesysId: row.written_id ?? row.genesys_id,
    reason: row.reason ?? change.reason,
    before: written ? fromJson<Values>(row.before_values) : change.before,
    after: written ? fromJson<Values>(row.after_values) : change.after,
    at: row.at,
    actor: row.actor,
    code: row.code,
    message: row.message,
    correlationId: row.correlation_id,
    heldBecause: row.held_because,
  };
}
