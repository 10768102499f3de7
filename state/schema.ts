import type { Generated } from 'kysely';
import type { ChangeKind, ChangeStatus, ChangeStep } from '../model/change.ts';
import type { NamedBy } from '../model/named-by.ts';
import type { RebindKey, RunMode, StoredOutcome } from '../model/run.ts';
import type { BatchStatus } from './state.ts';

/**
 * The tables as Kysely types. Text, and integers below 2^53 (booleans are 0 or 1); times are ISO text, JSON is text.
 * `login` columns hold the user name in lower case, since the engines fold letters differently.
 */
export interface Schema {
  schema_migrations: { name: string; applied_at: string };
  runs: RunsTable;
  /** Whom a run on one person was asked about. The name goes as soon as the anchor is known. */
  asked_people: {
    run_id: string;
    sync: string;
    way: NamedBy['way'] | null;
    named: string | null;
    anchor: string | null;
    /** Id or login of the Genesys user to whom the person is to be linked by hand; null = an ordinary run. */
    genesys_user: string | null;
    tie_reason: string | null;
  };
  run_notes: {
    run_id: string;
    anchor: string;
    position: number;
    dn: string;
    severity: 'problem' | 'warning';
    attribute: string;
    problem: string;
  };
  staging_reads: {
    run_id: string;
    directory: string;
    attempt: number;
    complete: number;
    read_count: number;
    in_scope: number;
    referrals: string;
  };
  staging_entries: {
    run_id: string;
    anchor: string;
    directory: string;
    attempt: number;
    dn_key: string;
    entry: string;
    enabled: number;
    /** 1 = read in full, 0 = swept. */
    complete_entry: number;
    fingerprint: string | null;
  };
  inventory_reads: { run_id: string; complete: number };
  /** External ids of inventory users, whatever their authority. */
  inventory_keys: { run_id: string; key: string; genesys_id: string };
  inventory_users: {
    run_id: string;
    genesys_id: string;
    login: string;
    display_name: string;
    active: number;
    version: string | null;
    scim_user: string;
  };
  desired_rows: DesiredTable;
  links: LinksTable;
  changes: ChangesTable;
  batches: BatchesTable;
  batch_members: { batch_hash: string; anchor: string; kind: ChangeKind; genesys_id: string | null };
  parked: ParkedTable;
  interventions: InterventionsTable;
  ties: TiesTable;
  audit: AuditTable;
  /** What SCIM showed of a user before he was retired or made inactive, as JSON. */
  snapshots: { sync: string; genesys_id: string; run_id: string; anchor: string; scim_user: string; at: string };
  pace: { client_hash: string; tat_us: number; blocked_until_ms: number };
  workers: {
    id: string;
    sync: string;
    host: string;
    pid: number;
    config_hash: string;
    started_at: string;
    seen_at: string;
  };
}

export interface RunsTable {
  run_id: string;
  sync: string;
  /** Counts the runs of a sync; orders those that began in the same millisecond. */
  number: number;
  workflow_id: string;
  mode: RunMode;
  dry_run: number;
  actor: string;
  config_hash: string;
  batch: string | null;
  /** Of a run that gives linked people new anchors: by what it finds them again; else null. */
  rebind_by: RebindKey | null;
  started_at: string;
  /** When a plan was begun; null = this run planned nothing (yet). */
  planned_at: string | null;
  finished_at: string | null;
  outcome: StoredOutcome | null;
  /** The run whose opening closed this one. */
  terminated_by: string | null;
  error: string | null;
  directory_read: number;
  directory_in_scope: number;
  directory_invalid: number;
  directory_complete: number;
  unchanged: number;
  held_batch: string | null;
  requests_token: number;
  requests_read: number;
  requests_write: number;
  requests_throttled: number;
}

/** `hash`, `login` and `display_name` are empty and `active` is 0 where `valid` is 0. */
export interface DesiredTable {
  run_id: string;
  anchor: string;
  directory: string;
  dn: string;
  valid: number;
  active: number;
  login: string;
  display_name: string;
  hash: string;
  desired: string | null;
  problems: string;
  disabled_because: string | null;
  sid: string | null;
  /** JSON list; null = none. */
  former_sids: string | null;
  entry_created_at: string | null;
}

export interface LinksTable {
  sync: string;
  anchor: string;
  genesys_id: string;
  directory: string;
  dn: string;
  /** Key of the DN at the last write; null where no read of that time had it. */
  dn_key: string | null;
  user_name: string;
  login: string;
  display_name: string;
  active: number;
  written: string;
  written_hash: string;
  version: string | null;
  seen_under: string | null;
  /** Fingerprint of the entry when the person was last written or found in step. */
  settled_under: string | null;
  origin: 'created' | 'adopted' | null;
  /** The run of the last write; null where an older release wrote. */
  written_by: string | null;
  /** When the user was retired for good: his login went to another person; null = in use. */
  retired_at: string | null;
  /** Number behind the login of a person who shares it with another one; null = the login as mapped. */
  suffix: number | null;
  /** Where the entry comes from, as last read; see `desired_rows`. */
  sid: string | null;
  former_sids: string | null;
  entry_created_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface ChangesTable {
  run_id: string;
  anchor: string;
  kind: ChangeKind;
  /** Tells several changes of one kind for one person apart, from 0. */
  part: Generated<number>;
  sync: string;
  seq: number | null;
  wave: number;
  status: ChangeStatus;
  genesys_id: string | null;
  user_name: string;
  held_because: string | null;
  /** The batch that holds it; null also for one held because of an older batch. */
  held_in: string | null;
  /** 0 = an adoption that writes nothing: no guard holds it. */
  writes: number;
  /** Anchors it refers to, JSON. */
  refs: string;
  /** Genesys id of the user whose login it takes over; null = its login is free. */
  awaits: string | null;
  /** 1 = its user gives his login away. */
  frees: Generated<number>;
  /** The whole planned change, JSON. */
  change: string;
  /** The step a change of several requests is at; empty for a change of one request and at the first step. */
  step: Generated<'' | 'create'>;
  /** The last claim; kept when the change has ended, so that a repeated call is recognised. */
  claim_token: string | null;
  claim_request: string | null;
  /** Genesys id of the user to whom the claimed request goes; null for a POST. */
  claim_user: string | null;
  claim_at: string | null;
  code: string | null;
  message: string | null;
  correlation_id: string | null;
}

export interface BatchesTable {
  hash: string;
  sync: string;
  run_id: string;
  config_hash: string;
  dry_run: number;
  status: BatchStatus;
  reasons: string;
  size: number;
  created_at: string;
  expires_at: string;
  decided_at: string | null;
  decided_by: string | null;
  decision_reason: string | null;
}

export interface ParkedTable {
  sync: string;
  anchor: string;
  kind: ChangeKind;
  user_name: string;
  display_name: string;
  dn: string;
  code: string;
  message: string;
  correlation_id: string | null;
  attempts: number;
  first_at: string;
  last_at: string;
  next_attempt_at: string;
  run_id: string;
  /** Fingerprint of the entry when the change failed. */
  fingerprint: string | null;
}

/** What operators decided about single people; rows are only ever added, and a person's newest one counts. */
export interface InterventionsTable {
  sync: string;
  anchor: string;
  /** Counts the decisions about one person, from 1. */
  number: number;
  at: string;
  actor: string;
  action: 'ignore' | 'release';
  reason: string | null;
  /** End of an ignore; null for a release. */
  until: string | null;
  /** Kind of the parked change at that time, if there was one. */
  parked_kind: ChangeKind | null;
  user_name: string;
  display_name: string;
  dn: string;
}

/** What operators decided about who is whom; rows are only ever added, and a person's newest one counts. */
export interface TiesTable {
  sync: string;
  anchor: string;
  /** Counts the decisions about one person, from 1. */
  number: number;
  at: string;
  actor: string;
  action: 'link' | 'unlink';
  reason: string;
  genesys_id: string;
  user_name: string;
  display_name: string;
  dn: string;
}

export interface AuditTable {
  run_id: string;
  anchor: string;
  kind: ChangeKind;
  /** See `changes`. */
  part: Generated<number>;
  step: Generated<ChangeStep>;
  sync: string;
  genesys_id: string;
  user_name: string;
  before_values: string | null;
  after_values: string | null;
  reason: string;
  actor: string;
  correlation_id: string | null;
  request: string | null;
  at: string;
}
