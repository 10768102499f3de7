import { sql } from 'kysely';
import { StateError } from '../model/errors.ts';
import type { Engine, Reader, Writer } from './engine.ts';

/**
 * One step of the schema. Steps are never edited once released; they go by expand and contract: a step that adds (a
 * table, a column that may be null, an index) ships first and leaves running older processes working, the code moves
 * over, and only a later release removes what nothing uses any more. A process that starts refuses a schema newer than
 * it knows, so workers are updated before or together with clients.
 */
interface Migration {
  name: string;
  statements: string[];
}

const INITIAL: Migration = {
  name: '0001-initial',
  statements: [
    `create table runs (run_id text primary key, sync text not null, number integer not null, workflow_id text not null,
      mode text not null, dry_run integer not null, actor text not null, config_hash text not null, batch text,
      started_at text not null, planned_at text, finished_at text, outcome text, terminated_by text, error text,
      directory_read integer not null, directory_in_scope integer not null, directory_invalid integer not null,
      directory_complete integer not null, unchanged integer not null, held_batch text,
      requests_token integer not null, requests_read integer not null, requests_write integer not null,
      requests_throttled integer not null)`,
    `create unique index runs_number on runs (sync, number)`,
    `create unique index runs_open on runs (sync) where finished_at is null`,
    `create table run_notes (run_id text not null, anchor text not null, position integer not null, dn text not null,
      severity text not null, attribute text not null, problem text not null, primary key (run_id, anchor, position))`,
    `create index run_notes_severity on run_notes (run_id, severity, anchor, position)`,

    `create table staging_reads (run_id text not null, directory text not null, attempt integer not null,
      complete integer not null, read_count integer not null, in_scope integer not null, referrals text not null,
      primary key (run_id, directory))`,
    `create table staging_entries (run_id text not null, anchor text not null, directory text not null,
      attempt integer not null, dn_key text not null, entry text not null, enabled integer not null,
      complete_entry integer not null,
      fingerprint text,
      primary key (run_id, anchor, directory, attempt))`,
    `create index staging_entries_dn_key on staging_entries (run_id, dn_key)`,

    `create table inventory_reads (run_id text primary key, complete integer not null)`,
    `create table inventory_users (run_id text not null, genesys_id text not null, login text not null,
      display_name text not null, active integer not null, version text, scim_user text not null,
      primary key (run_id, genesys_id))`,
    `create index inventory_users_login on inventory_users (run_id, login)`,
    `create table inventory_keys (run_id text not null, key text not null, genesys_id text not null,
      primary key (run_id, key, genesys_id))`,

    `create table desired_rows (run_id text not null, anchor text not null, directory text not null, dn text not null,
      valid integer not null, active integer not null, login text not null, display_name text not null,
      hash text not null, desired text, problems text not null, disabled_because text,
      primary key (run_id, anchor))`,
    `create index desired_rows_login on desired_rows (run_id, login)`,

    `create table links (sync text not null, anchor text not null, genesys_id text not null, directory text not null,
      dn text not null, dn_key text, user_name text not null, login text not null, display_name text not null,
      active integer not null, written text not null, written_hash text not null, version text, seen_under text,
      settled_under text,
      origin text,
      created_at text not null, updated_at text not null, primary key (sync, anchor))`,
    `create unique index links_genesys_id on links (sync, genesys_id)`,
    `create index links_login on links (sync, login)`,
    `create index links_dn_key on links (sync, dn_key)`,

    `create table changes (run_id text not null, anchor text not null, kind text not null, sync text not null,
      seq integer, wave integer not null, status text not null, genesys_id text, user_name text not null,
      held_because text, held_in text, writes integer not null, refs text not null, change text not null, claim_token text,
      claim_request text, claim_at text, code text, message text, correlation_id text,
      primary key (run_id, anchor, kind))`,
    `create unique index changes_seq on changes (run_id, seq)`,
    `create index changes_order on changes (run_id, status, wave, kind, anchor)`,
    `create unique index changes_writing on changes (sync, anchor) where status = 'writing'`,

    `create table batches (hash text primary key, sync text not null, run_id text not null, config_hash text not null,
      dry_run integer not null, status text not null, reasons text not null, size integer not null,
      created_at text not null, expires_at text not null, decided_at text, decided_by text, decision_reason text)`,
    `create unique index batches_run on batches (run_id)`,
    `create index batches_sync on batches (sync, status)`,
    `create table batch_members (batch_hash text not null, anchor text not null, kind text not null, genesys_id text,
      primary key (batch_hash, anchor, kind))`,

    `create table parked (sync text not null, anchor text not null, kind text not null, user_name text not null,
      display_name text not null, dn text not null, code text not null, message text not null, correlation_id text,
      attempts integer not null, first_at text not null, last_at text not null, next_attempt_at text not null,
      run_id text not null, fingerprint text, primary key (sync, anchor))`,
    `create table audit (run_id text not null, anchor text not null, kind text not null, sync text not null,
      genesys_id text not null, user_name text not null, before_values text, after_values text, reason text not null,
      actor text not null, correlation_id text, request text, at text not null, primary key (run_id, anchor, kind))`,
    `create index audit_anchor on audit (sync, anchor, at)`,
    `create index audit_at on audit (sync, kind, at)`,

    `create table pace (client_hash text primary key, tat_us bigint not null, blocked_until_ms bigint not null)`,
    `create table workers (id text primary key, sync text not null, host text not null, pid integer not null,
      config_hash text not null, started_at text not null, seen_at text not null)`,
    `create index workers_sync on workers (sync)`,
  ],
};

/**
 * Identity: a person may have two changes of one kind in a plan (a swap of logins), a recycle is written in two steps,
 * and a link may be retired. Tables whose key grows are made anew; processes of the release before go on working, since
 * every new column has a default.
 */
const IDENTITY: Migration = {
  name: '0002-identity',
  statements: [
    `create table changes_keyed (run_id text not null, anchor text not null, kind text not null,
      part integer not null default 0, sync text not null,
      seq integer, wave integer not null, status text not null, genesys_id text, user_name text not null,
      held_because text, held_in text, writes integer not null, refs text not null, change text not null,
      step text not null default '', claim_token text, claim_request text, claim_at text, code text, message text,
      correlation_id text, primary key (run_id, anchor, kind, part))`,
    `insert into changes_keyed (run_id, anchor, kind, sync, seq, wave, status, genesys_id, user_name, held_because, held_in,
      writes, refs, change, claim_token, claim_request, claim_at, code, message, correlation_id)
      select run_id, anchor, kind, sync, seq, wave, status, genesys_id, user_name, held_because, held_in,
      writes, refs, change, claim_token, claim_request, claim_at, code, message, correlation_id from changes`,
    `drop table changes`,
    `alter table changes_keyed rename to changes`,
    `create unique index changes_seq on changes (run_id, seq)`,
    `create index changes_order on changes (run_id, status, wave, kind, anchor)`,
    `create unique index changes_writing on changes (sync, anchor) where status = 'writing'`,

    `create table audit_keyed (run_id text not null, anchor text not null, kind text not null,
      part integer not null default 0, step text not null default '', sync text not null,
      genesys_id text not null, user_name text not null, before_values text, after_values text, reason text not null,
      actor text not null, correlation_id text, request text, at text not null,
      primary key (run_id, anchor, kind, part, step))`,
    `insert into audit_keyed (run_id, anchor, kind, sync, genesys_id, user_name, before_values, after_values, reason,
      actor, correlation_id, request, at)
      select run_id, anchor, kind, sync, genesys_id, user_name, before_values, after_values, reason,
      actor, correlation_id, request, at from audit`,
    `drop table audit`,
    `alter table audit_keyed rename to audit`,
    `create index audit_anchor on audit (sync, anchor, at)`,
    `create index audit_at on audit (sync, kind, at)`,

    `alter table links add column retired_at text`,
    `alter table links add column suffix integer`,
    `create table snapshots (sync text not null, genesys_id text not null, run_id text not null, anchor text not null,
      scim_user text not null, at text not null, primary key (sync, genesys_id, run_id))`,
  ],
};

/** What operators decided about single people: whom runs ignore, and whom they let go again. */
const IGNORED: Migration = {
  name: '0003-ignored',
  statements: [
    `create table interventions (sync text not null, anchor text not null, number integer not null, at text not null,
      actor text not null, action text not null, reason text, until text, parked_kind text, user_name text not null,
      display_name text not null, dn text not null, primary key (sync, anchor, number))`,
  ],
};

/**
 * Runs on one person go on beside the sync's own; what such a run was asked about stands in state, not in Temporal. A
 * link tells which run wrote it last, so that of two runs at once none writes older values over newer ones.
 */
const PROVISION_RUNS: Migration = {
  name: '0004-provision-runs',
  statements: [
    `drop index runs_open`,
    `create unique index runs_open on runs (sync) where finished_at is null and mode not in ('provision', 'preview')`,
    `create table asked_people (run_id text primary key, sync text not null, way text, named text, anchor text)`,
    `alter table links add column written_by text`,
  ],
};

/** What puts a change that gives a login away before the one that takes it. */
const HAND_OVERS: Migration = {
  name: '0005-hand-overs',
  statements: [
    `alter table changes add column awaits text`,
    `alter table changes add column frees integer not null default 0`,
  ],
};

/** Who was tied to which Genesys user by hand, and runs that give linked people new anchors. */
const TIES: Migration = {
  name: '0006-ties',
  statements: [
    `create table ties (sync text not null, anchor text not null, number integer not null, at text not null,
      actor text not null, action text not null, reason text not null, genesys_id text not null, user_name text not null,
      display_name text not null, dn text not null, primary key (sync, anchor, number))`,
    `alter table asked_people add column genesys_user text`,
    `alter table asked_people add column tie_reason text`,
    `alter table runs add column rebind_by text`,
  ],
};

/** Where entries come from. Links of before learn it from the next read of the person. */
const PROVENANCE: Migration = {
  name: '0007-provenance',
  statements: ['desired_rows', 'links'].flatMap((table) => [
    `alter table ${table} add column sid text`,
    `alter table ${table} add column former_sids text`,
    `alter table ${table} add column entry_created_at text`,
  ]),
};

/**
 * A recycle or a rebind writes a user under another person's anchor, so that the lock by anchor alone lets two requests go to
 * one user. Writes that are under way while the step is made have no user here, and end as they began.
 */
const USER_LOCK: Migration = {
  name: '0008-user-lock',
  statements: [
    `alter table changes add column claim_user text`,
    `create unique index changes_writing_user on changes (sync, claim_user) where status = 'writing'`,
  ],
};

const MIGRATIONS: readonly Migration[] = [
  INITIAL,
  IDENTITY,
  IGNORED,
  PROVISION_RUNS,
  HAND_OVERS,
  TIES,
  PROVENANCE,
  USER_LOCK,
];

/** Any fixed number: the advisory lock that migrating workers on several hosts meet at. */
const MIGRATION_LOCK = 7_036_874_417;

/**
 * Brings the schema up to date, in one transaction that takes the write lock first, so that two processes starting
 * together do it once.
 *
 * @throws StateError `state.newer-schema` when a later release has been here; `state.unavailable` with `apply: false`
 *   when a step is missing.
 */
export async function migrate(engine: Engine, options: { apply: boolean; now: string }): Promise<void> {
  const pending = await engine.read(async (db) => ((await hasTable(engine, db)) ? missing(db) : MIGRATIONS));
  if (pending.length === 0) return;
  if (!options.apply) {
    throw new StateError(
      'state.unavailable',
      'The state was not set up by this release yet; start a worker of this release once.',
    );
  }
  await engine.write(async (trx) => {
    await lock(engine, trx);
    await sql.raw(columns(engine, LEDGER)).execute(trx);
    for (const step of await missing(trx)) await apply(engine, trx, step, options.now);
  });
}

const LEDGER = `create table if not exists schema_migrations (name text primary key, applied_at text not null)`;

async function hasTable(engine: Engine, db: Reader): Promise<boolean> {
  const query =
    engine.kind === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_master where type = 'table' and name = 'schema_migrations'`
      : sql<{ name: string }>`select tablename as name from pg_tables
          where schemaname = current_schema() and tablename = 'schema_migrations'`;
  return (await query.execute(db)).rows.length > 0;
}

async function missing(db: Reader): Promise<readonly Migration[]> {
  const rows = await db.selectFrom('schema_migrations').select('name').execute();
  const applied = new Set(rows.map((row) => row.name));
  const known = new Set(MIGRATIONS.map((step) => step.name));
  if ([...applied].some((name) => !known.has(name))) {
    throw new StateError(
      'state.newer-schema',
      'The state was written by a newer release of Rollcall; update this installation.',
    );
  }
  return MIGRATIONS.filter((step) => !applied.has(step.name));
}

async function lock(engine: Engine, trx: Writer): Promise<void> {
  if (engine.kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(trx);
}

async function apply(engine: Engine, trx: Writer, step: Migration, now: string): Promise<void> {
  for (const statement of step.statements) await sql.raw(columns(engine, statement)).execute(trx);
  await trx.insertInto('schema_migrations').values({ name: step.name, applied_at: now }).execute();
}

/** PostgreSQL sorts by the database's language unless told to go by bytes, as SQLite and hashes of sorted lists do. */
function columns(engine: Engine, statement: string): string {
  return engine.kind === 'postgres' ? statement.replaceAll(/\btext\b/g, 'text collate "C"') : statement;
}
