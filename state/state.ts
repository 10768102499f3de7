import type { ChangeKind, ChangeStatus, ChangeStep, KindCounts, PlannedChange, Values } from '../model/change.ts';
import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { Anchor, Entry, Provenance } from '../model/entry.ts';
import type {
  DirectoryCounts,
  PlanReport,
  RebindKey,
  RequestCounts,
  RunMode,
  RunOutcome,
  RunReport,
  StoredOutcome,
} from '../model/run.ts';
import type { DesiredUser, Link, Problem, ScimUser, WrittenValues } from '../model/user.ts';
import type { IgnoreStore } from './ignores.ts';
import type { AskedStore } from './asked.ts';
import type { LookBackStore } from './look-back.ts';
import type { PeopleStore } from './people.ts';
import type { SnapshotStore } from './snapshots.ts';
import type { TieStore } from './ties.ts';

/** Times are ISO 8601 text in UTC everywhere. Every method is safe to repeat with the same arguments. */
export interface State {
  readonly engine: 'sqlite' | 'postgres';
  readonly runs: RunStore;
  readonly asked: AskedStore;
  readonly staging: StagingStore;
  readonly inventory: InventoryStore;
  readonly desired: DesiredStore;
  readonly links: LinkStore;
  readonly changes: ChangeStore;
  readonly batches: BatchStore;
  readonly parked: ParkedStore;
  readonly ignores: IgnoreStore;
  readonly ties: TieStore;
  readonly audit: AuditStore;
  readonly snapshots: SnapshotStore;
  readonly pace: PaceStore;
  readonly workers: WorkerStore;
  readonly lookBack: LookBackStore;
  readonly people: PeopleStore;
  close(): Promise<void>;
}

export interface RunStart {
  runId: string;
  sync: string;
  workflowId: string;
  mode: RunMode;
  dryRun: boolean;
  actor: string;
  configHash: string;
  /** The batch that an `approved` run applies, else null. */
  batch: string | null;
  /** Of mode `rebind` alone. */
  rebindBy?: RebindKey;
}

export interface RunRow extends RunStart {
  startedAt: string;
  finishedAt: string | null;
  outcome: StoredOutcome | null;
  error: string | null;
  directory: DirectoryCounts;
  unchanged: number;
  heldBatch: string | null;
  requests: RequestCounts;
}

export interface RunStore {
  /**
   * Opens a run; the same `runId` again changes nothing. Closes any other open row of the sync as `terminated`, its
   * changes still `planned` as superseded; a run on one person closes only rows of its own workflow id, and is closed by
   * the sync's runs only when it is older than it can become. `unfinished`: changes of closed runs still `writing`, to be
   * resolved first.
   */
  open(start: RunStart): Promise<{ terminated: string[]; unfinished: ChangeRef[] }>;
  get(runId: string): Promise<RunRow | null>;
  /** Newest first, without previews; `everybody` leaves out all runs on one person. */
  list(sync: string, limit: number, options?: { everybody: boolean }): Promise<RunRow[]>;
  /** The newest run of the sync whose directory read was complete, in one of these modes, not a dry run unless asked for. */
  lastComplete(sync: string, modes: RunMode[], options?: { dryRuns?: boolean }): Promise<RunRow | null>;
  setDirectory(runId: string, counts: DirectoryCounts): Promise<void>;
  setUnchanged(runId: string, unchanged: number): Promise<void>;
  addRequests(runId: string, requests: RequestCounts): Promise<void>;
  /** Closes the row; a row already closed stays as it is. Changes still `planned` become superseded. */
  close(runId: string, end: { outcome: RunOutcome; error: string | null; heldBatch: string | null }): Promise<void>;
  /** The object of `--json`; null for an unknown run. A run still open counts as `failed` with error null, duration so far. */
  report(runId: string): Promise<RunReport | null>;
  /** Warnings and problems found on entries; shown in reports. Repeating replaces those of the same anchors. */
  addNotes(runId: string, notes: RunNote[]): Promise<void>;
  notes(runId: string, limit: number): Promise<RunNote[]>;
  /** Deletes previews with all that they stored: the one named, or those of the sync that began before a time. */
  forgetPreviews(sync: string, which: { runId: string } | { before: string }): Promise<void>;
}

export interface RunNote {
  anchor: Anchor;
  dn: string;
  severity: 'problem' | 'warning';
  attribute: string;
  problem: string;
}

/** The directory as one run read it. Visible only with its completeness mark. */
export interface StagingStore {
  /** Begins an attempt at one directory; drops the rows of earlier attempts of the same run and directory. */
  begin(runId: string, directory: string, attempt: number): Promise<void>;
  /**
   * Stages entries read in full, or with `swept` those of a sweep, which carry state and references alone. A full entry
   * takes the place of the same person's swept one and keeps its fingerprint.
   */
  add(runId: string, directory: string, attempt: number, entries: Entry[], options?: { swept: boolean }): Promise<void>;
  /** Sets the completeness mark. */
  complete(
    runId: string,
    directory: string,
    attempt: number,
    counts: { read: number; inScope: number; referrals: string[] },
  ): Promise<void>;
  /** Completeness marks of a run. */
  marks(runId: string): Promise<{ directory: string; read: number; inScope: number; referrals: string[] }[]>;
  /** Entries read in full by complete reads, in anchor order, in pages of at most `size`. */
  pages(runId: string, size?: number): AsyncGenerator<Entry[]>;
  /** The same with swept ones. */
  allPages(runId: string, size?: number): AsyncGenerator<Entry[]>;
  /** Stores what tells whether anything about an entry moved since a person was last settled. */
  setFingerprints(runId: string, prints: { anchor: Anchor; directory: string; fingerprint: string }[]): Promise<void>;
  /**
   * Swept people of one directory who have to be read in full: enabled without a link, not settled under their present
   * fingerprint, or parked and due. Who is parked, not due and not moved is left alone. In pages, in anchor order.
   */
  outdated(runId: string, sync: string, directory: string, now: string): AsyncGenerator<Anchor[]>;
  /** Swept people with a link who were not read in full. */
  countSwept(runId: string, sync: string): Promise<number>;
  /** Anchors by DN key, from this run's complete reads, else from `fallbackRunId`'s, else from the links. Unknown DNs are left out. */
  anchorsByDn(
    sync: string,
    runId: string,
    fallbackRunId: string | null,
    dnKeys: string[],
  ): Promise<Map<string, Anchor>>;
  /** Which of these anchors or DN keys the run's complete reads contain. */
  contains(runId: string, keys: string[]): Promise<Set<string>>;
  /** Deletes staging, inventory and desired rows of all runs of the sync that have ended, but these. */
  prune(sync: string, keep: string[]): Promise<void>;
}

/** Genesys users as one run listed them. */
export interface InventoryStore {
  begin(runId: string): Promise<void>;
  add(runId: string, users: ScimUser[]): Promise<void>;
  complete(runId: string): Promise<void>;
  isComplete(runId: string): Promise<boolean>;
  /** Users by external id (SCIM `externalId` or any of `externalIds`), in lower case. */
  byKey(runId: string, keys: string[]): Promise<Map<string, ScimUser[]>>;
  /** One user as listed; null when he was not. */
  get(runId: string, genesysId: string): Promise<ScimUser | null>;
  count(runId: string): Promise<number>;
}

/** One staged entry after mapping. `desired` is null when the entry is invalid. */
export interface DesiredRow {
  anchor: Anchor;
  directory: string;
  dn: string;
  desired: DesiredUser | null;
  problems: Problem[];
  /** The entry's sign of being disabled; null when enabled. */
  disabledBecause: string | null;
  /** Where the entry comes from, which is no part of the hash: links learn it without a write to Genesys. */
  provenance?: Provenance | undefined;
}

export interface DesiredStore {
  begin(runId: string): Promise<void>;
  add(runId: string, rows: DesiredRow[]): Promise<void>;
  /**
   * People about whom something may have to be done, in pages by anchor: no link (and active or invalid), another hash
   * than last written, another lifecycle state than the link's, invalid, or another version in the inventory than the
   * link's, or not in a complete inventory. Never: link inactive and desired inactive. `absent: true` adds active links of `directories` whose anchor is
   * not in the read. With `anchors` only those; of them everybody in `looked`, whatever his link says.
   */
  candidates(
    runId: string,
    sync: string,
    options: {
      absent: boolean;
      directories: string[];
      anchors?: Anchor[];
      looked?: ReadonlySet<Anchor>;
      size?: number;
    },
  ): AsyncGenerator<Candidate[]>;
  /** Rows with a link that are no candidates: people in scope without any change, those in `looked` left out. */
  unchanged(
    runId: string,
    sync: string,
    options?: { anchors?: Anchor[]; looked?: ReadonlySet<Anchor> },
  ): Promise<number>;
  /** Drops everybody else's rows: they were read for the sake of these, and nothing was decided about them. */
  keepOnly(runId: string, anchors: Anchor[]): Promise<void>;
  /** Who holds these logins (lower case), by login; several holders possible, none who was retired. */
  holders(runId: string, sync: string, userNames: string[]): Promise<Map<string, LoginHolder[]>>;
  /** Linked users, by Genesys id, as holders of an external id; none who was retired. */
  holdersById(runId: string, sync: string, genesysIds: string[]): Promise<LoginHolder[]>;
  /** Which of these logins any user or entry has or wants, retired users included; in lower case. */
  takenLogins(runId: string, sync: string, userNames: string[]): Promise<Set<string>>;
  /**
   * Active links of `directories` whose anchor no complete read of the run has: how many, and in pages those whose login a
   * valid entry without link wants.
   */
  replacedAnchors(
    runId: string,
    sync: string,
    directories: string[],
  ): Promise<{ absent: number; pages: AsyncGenerator<{ written: WrittenValues; desired: DesiredUser }[]> }>;
  /** Active links of `directories` (with `anchors` only these) whose anchor no complete read of the run has, in pages by anchor. */
  absentLinks(runId: string, sync: string, directories: string[], anchors?: Anchor[]): AsyncGenerator<Link[]>;
  /** People of the read without a link whose entry is valid, in pages by anchor. */
  withoutLink(runId: string, sync: string): AsyncGenerator<DesiredUser[]>;
  get(runId: string, anchor: Anchor): Promise<DesiredUser | null>;
}

export interface LinkStore {
  byAnchor(sync: string, anchors: Anchor[]): Promise<Map<Anchor, Link>>;
  byGenesysId(sync: string, genesysId: string): Promise<Link | null>;
  /** Numbers behind the logins of people who share theirs with others, by anchor. */
  suffixes(sync: string): Promise<Map<Anchor, number>>;
  /**
   * Settles everybody whom the run read in full, on whom it decided, and for whom its plan has no change, under his present fingerprint. Those
   * who are ignored are not: a delta after the end of the ignore has to see them again.
   */
  settle(sync: string, runId: string): Promise<void>;
  /** Notes on the links of everybody whom this run saw in scope and active under which configuration that was. */
  markSeen(sync: string, runId: string, configHash: string): Promise<void>;
  /**
   * Notes on the links of everybody whom this run read in full where his entry comes from. What a read lacks stays as it
   * was: an account may have lost the right to see it, and what was true of an anchor once says as much.
   */
  noteProvenance(sync: string, runId: string): Promise<void>;
  /** Users retired for good are left out. */
  counts(sync: string): Promise<{ active: number; total: number }>;
  /**
   * Takes down how linked people stand in Genesys Cloud where that is ahead of their links, and nothing has to be written;
   * whom another run wrote meanwhile stays as he is. `retired`: his login was taken from him for good.
   */
  catchUp(sync: string, runId: string, found: { link: Link; retired: boolean }[]): Promise<void>;
  /** Whether another run wrote the person while this one was going on. */
  standing(sync: string, anchor: Anchor, runId: string): Promise<LinkStanding>;
}

/** How a link stands to a run that is about to write the person. */
export interface LinkStanding {
  /** Changes with every write; null without a link. */
  stamp: string | null;
  /**
   * `no`: nobody else wrote the person since the run began. `older`: another run did, from a read that had ended when this
   * run began. `newer`: another run did, from a read that may be newer than this run's.
   */
  overtaken: 'no' | 'older' | 'newer';
  /** True for a user whose login went to somebody else for good. */
  retired: boolean;
}

/** A place in a run's plan. */
export interface ChangeRef {
  runId: string;
  seq: number;
}

export interface ChangeRow extends ChangeRef {
  sync: string;
  change: PlannedChange;
  wave: number;
  status: ChangeStatus;
  /** `create` when the old user of a recycle is retired and the new one is still to be made. */
  step: '' | 'create';
  /** Token, request and time of the current claim, else null. */
  claim: { token: string; request: SentRequest; at: string } | null;
  outcome: { code: string; message: string; correlationId: string | null } | null;
  /** Correlation id of the answer that ended the change, also where it was applied. */
  correlationId: string | null;
}

/** The exact request of a write. */
export interface SentRequest {
  method: 'POST' | 'PATCH';
  /** Genesys id of a PATCH, else null. */
  genesysId: string | null;
  body: unknown;
}

/** Changes `from`..`to` (inclusive `seq`) of one kind in one wave. */
export interface Slice {
  wave: number;
  kind: ChangeKind;
  from: number;
  to: number;
}

/** A planned change reduced to what it does with logins. */
export interface LoginHandOver {
  anchor: Anchor;
  kind: ChangeKind;
  genesysId: string | null;
  /** Genesys id of the user whose login it takes over; null = its login is free. */
  awaits: string | null;
  /** True when its user gives his login away. */
  frees: boolean;
}

export interface ChangeStore {
  /** Drops an earlier plan of the run that has no claimed change yet. */
  begin(runId: string): Promise<void>;
  /** Stores a page of the plan; `seq` is given later by {@link number}. Those with `parked` are stored as parked at once. */
  add(runId: string, sync: string, changes: PlannedChange[]): Promise<void>;
  /** Stores changes of people whom an older open batch already holds: held at once, members of no new batch. */
  addHeld(runId: string, sync: string, changes: PlannedChange[]): Promise<void>;
  /** What the place of every planned change depends on, in anchor order, in pages; for the waves. */
  light(runId: string): AsyncGenerator<(LoginHandOver & { references: Anchor[] })[]>;
  /** `part` absent = 0. */
  setWaves(runId: string, waves: { anchor: Anchor; kind: ChangeKind; part?: number; wave: number }[]): Promise<void>;
  /** Rewrites planned changes (same anchor, kind and part); one with `parked` becomes parked. */
  replace(runId: string, sync: string, changes: PlannedChange[]): Promise<void>;
  /** Planned changes that give a login away or take one over, and those of a person who has several of one kind. */
  handOvers(runId: string): Promise<(LoginHandOver & { heldBecause: string | null })[]>;
  /** Makes every planned change of these people wait for a person, whatever the limits say. */
  holdPeople(runId: string, anchors: Anchor[], because: string): Promise<void>;
  /** How many planned deactivations are of users whom a planned recycle retires anyway. */
  countRetiredLeavers(runId: string): Promise<number>;
  /** Drops those deactivations from the plan. */
  dropRetiredLeavers(runId: string): Promise<void>;
  /** Gives planned changes their `seq` from 1 by (wave, kind, anchor); held and parked ones come after them. */
  number(runId: string): Promise<void>;
  /** Whether that has been done: the plan is being written, or has been. */
  isNumbered(runId: string): Promise<boolean>;
  /** The next slices of planned changes after `after`, at most `limit`, each at most `size` changes, in order. */
  slices(runId: string, after: number, limit: number, size: number): Promise<Slice[]>;
  get(runId: string, seq: number): Promise<ChangeRow | null>;
  /** `userName` of these changes in seq order, `from`..`to`. */
  labels(runId: string, from: number, to: number): Promise<string[]>;
  /** Anchors of these changes in seq order, `from`..`to`. */
  anchors(runId: string, from: number, to: number): Promise<Anchor[]>;
  counts(runId: string): Promise<Record<ChangeKind, KindCounts>>;
  /** Makes planned changes of these kinds (all: `'all'`), and those with `heldBecause`, held in a batch. Returns how many. */
  hold(runId: string, kinds: ChangeKind[] | 'all', batch: string): Promise<number>;
  /** How many changes of the run this batch holds; those that an older batch keeps out do not count. */
  heldIn(runId: string, batch: string): Promise<number>;
  /** How many changes of each kind are planned and wait for no policy: what the guard judges. */
  plannedCounts(runId: string): Promise<Record<ChangeKind, number>>;
  /** A planned change of the run; null when there is none. */
  find(runId: string, anchor: Anchor, kind: ChangeKind): Promise<PlannedChange | null>;
  /** Genesys ids of the users whom the run gives these anchors, or has given. */
  rebound(runId: string, anchors: Anchor[]): Promise<Map<Anchor, string>>;
  /** Changes still `writing` that closed runs of the sync left behind; with `anchors` only of these people, or to their users. */
  unfinished(sync: string, anchors?: Anchor[]): Promise<ChangeRef[]>;
  /** Ends one change, planned or writing, as superseded; with `token` only one that this claim holds. False when it had ended. */
  supersedeOne(ref: ChangeRef, reason: string, token?: string | null): Promise<boolean>;
  /** Makes every change still planned superseded. */
  supersede(runId: string, reason: string): Promise<number>;
  /** Only changes that stand in the approved batch (same anchor, kind, genesysId) stay; returns how many dropped out. */
  keepOnly(runId: string, batch: string): Promise<number>;

  /**
   * The claim of the write protocol, one transaction: planned -> writing. `busy`: another writing change of the same
   * anchor, or one whose request goes to the same Genesys user; where `basis` is given, a link of the anchor, and where
   * `userBasis` is, one of that user, whose stamp is not that any more (null: without link). `lost`: not planned any more.
   */
  claim(
    ref: ChangeRef,
    claim: { token: string; request: SentRequest; basis?: string | null; userBasis?: string | null },
  ): Promise<'claimed' | 'busy' | 'lost'>;
  /** Hands a claim without outcome to a new attempt; false when `oldToken` does not hold it any more. */
  takeOver(ref: ChangeRef, oldToken: string, claim: { token: string; request: SentRequest }): Promise<boolean>;
  /** Clears a claim after a definite refusal: writing -> planned. False when the token does not hold it. */
  unclaim(ref: ChangeRef, token: string): Promise<boolean>;
  /** One transaction conditional on the token: status, link, audit, parked row removed, requests counted. False when the token does not hold it. */
  applied(ref: ChangeRef, token: string, result: AppliedResult): Promise<boolean>;
  /**
   * Ends the first half of a recycle, like {@link applied}: `result` is about the old user, whose link is retired, and the
   * change is `planned` again at step `create` (superseded when its run has ended), or `applied` where `ends` says so. False when the token does not hold it.
   */
  stepDone(ref: ChangeRef, token: string, result: AppliedResult): Promise<boolean>;
  /** Ends a change as parked (`token` null: when it is planned, or writing under any token). Counts requests. False when it had ended already. */
  park(
    ref: ChangeRef,
    token: string | null,
    failure: { code: string; message: string; correlationId: string | null },
    requests: RequestCounts | null,
  ): Promise<boolean>;
  /** Ends a create as parked whose request revived a deleted account: no link, but an audit row of step `revived`. */
  revived(
    ref: ChangeRef,
    token: string,
    result: AppliedResult,
    failure: { code: string; message: string; correlationId: string | null },
  ): Promise<boolean>;
}

export interface AppliedResult {
  /** The link as it shall stand afterwards. */
  link: Link;
  /** `created` or `adopted` when the link is new, else null. */
  origin: 'created' | 'adopted' | null;
  before: Values | null;
  after: Values | null;
  reason: string;
  actor: string;
  request: SentRequest | null;
  correlationId: string | null;
  requests: RequestCounts;
  /** The anchor whose link becomes this one (`rebind`). */
  movedFrom?: Anchor;
  /** The deleted Genesys user whose place the link's takes; where that is another one, who points to him is compared anew. */
  inPlaceOf?: string;
  /** True where the person is not yet as he shall be, so that the next delta looks at him again. */
  unsettled?: boolean;
  /** Of a retirement: nobody is created afterwards, so that the change has ended. */
  ends?: true;
}

export type BatchStatus = 'open' | 'approved' | 'rejected' | 'expired' | 'void';

export interface Batch {
  hash: string;
  sync: string;
  runId: string;
  configHash: string;
  dryRun: boolean;
  status: BatchStatus;
  /** Why it waits, one sentence a limit. */
  reasons: string[];
  size: number;
  createdAt: string;
  expiresAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  decisionReason: string | null;
}

export interface BatchStore {
  /**
   * Makes a batch of all changes that {@link ChangeStore.hold} is to take (`kinds`, and those with `heldBecause`) and
   * holds them; one transaction. Hash: SHA-256 of run id and the sorted list of (anchor, kind, genesysId). With
   * `dryRun` the batch has the run's whole plan and no change's status moves unless `kinds` names it. Null when empty.
   */
  create(
    runId: string,
    options: { kinds: ChangeKind[] | 'all'; reasons: string[]; configHash: string; dryRun: boolean; expiresAt: string },
  ): Promise<Batch | null>;
  get(sync: string, hash: string): Promise<Batch | null>;
  /** Decides an open batch once; false when it is not open any more. Rejected and expired changes become superseded. */
  decide(
    hash: string,
    decision: { status: 'approved' | 'rejected' | 'expired'; by: string; reason: string | null },
  ): Promise<boolean>;
  /**
   * Voids open batches of the sync that are dry runs', have another configuration hash, or are past their expiry, which
   * their approval workflow notes unless it was terminated; returns their hashes.
   */
  voidOutdated(sync: string, configHash: string): Promise<string[]>;
  /**
   * (anchor, kind) in open batches of real runs, and in approved ones that no run has begun to carry out, for leaving those
   * people out of later plans.
   */
  openMembers(sync: string): Promise<Map<Anchor, ChangeKind[]>>;
  /** Genesys ids of the users whom a batch adopts, by anchor. */
  adoptions(hash: string): Promise<Map<Anchor, string>>;
  /** Anchors of the linked users whose login or link a batch gives to somebody else. */
  predecessors(hash: string): Promise<Anchor[]>;
  /** Anchors of linked people to whom a batch gives another user, since theirs was deleted in Genesys Cloud. */
  replacements(hash: string): Promise<Anchor[]>;
  /** Anchors of a batch, in pages. */
  anchors(hash: string, size?: number): AsyncGenerator<Anchor[]>;
  /** `plan`: the newest open batch's changes, else those of the sync's last planned run. */
  plan(sync: string): Promise<PlanReport>;
}

export interface ParkedRow {
  anchor: Anchor;
  kind: ChangeKind;
  userName: string;
  displayName: string;
  dn: string;
  code: string;
  message: string;
  correlationId: string | null;
  attempts: number;
  firstAt: string;
  lastAt: string;
  /** 1 min after the first failure, doubling to 24 h. */
  nextAttemptAt: string;
  runId: string;
}

export interface ParkedStore {
  /** Everybody parked, the ignored ones too. */
  list(sync: string): Promise<ParkedRow[]>;
  /** Without those who are ignored. */
  count(sync: string): Promise<number>;
  /** Since when the longest parked has been so; null when nobody is. Without those who are ignored. */
  oldest(sync: string): Promise<string | null>;
  /** Without those who are ignored. */
  anchors(sync: string, size?: number): AsyncGenerator<Anchor[]>;
  /**
   * Forgets parked rows of people for whom this run's plan has no change any more; with `onlyRead` only of those whom it
   * read in full, since it left others alone. Those who are ignored keep theirs.
   */
  settle(sync: string, runId: string, options: { onlyRead: boolean }): Promise<void>;
  /** Old anchors of people whose `rebind` is parked: they work here under new ones. */
  rebinding(sync: string): Promise<Anchor[]>;
}

export interface AuditRow {
  sync: string;
  runId: string;
  anchor: Anchor;
  genesysId: string;
  userName: string;
  kind: ChangeKind;
  part: number;
  /** A recycle has two rows: `retire` under the old anchor, `create` under the new one. */
  step: ChangeStep;
  before: Values | null;
  after: Values | null;
  reason: string;
  actor: string;
  correlationId: string | null;
  request: SentRequest | null;
  at: string;
}

export interface AuditStore {
  ofRun(runId: string, size?: number): AsyncGenerator<AuditRow[]>;
  ofAnchor(sync: string, anchor: Anchor): Promise<AuditRow[]>;
  /** Genesys ids of deleted accounts that creates for these people revived. */
  revived(sync: string, anchors: Anchor[]): Promise<Set<string>>;
  /** Changes of a kind applied since a time by runs that needed no approval. */
  appliedSince(sync: string, kinds: ChangeKind[], since: string): Promise<number>;
}

/** The shared pace row: GCRA over one OAuth client, kept in state so that all workers share one allowance. */
export interface PaceStore {
  /**
   * Asks for one request, and takes a place that is free within `patienceMs` (default 0: at once): the request may go after
   * `waitMs`. So those who wait go in the order in which they came. `taken` false: ask again after `waitMs`. `perMinute`
   * is the budget; the burst is what arrives in one second, at least 1. Client ids are stored hashed. `ahead`: a place
   * taken so counts like any other, but the request may go at once; those who come later wait for it instead.
   */
  take(
    clientId: string,
    perMinute: number,
    nowMs: number,
    how?: { patienceMs?: number; ahead?: boolean },
  ): Promise<{ waitMs: number; taken: boolean }>;
  /** Milliseconds for which nothing may go, whoever has taken a place; 0 = nothing is in the way. */
  blockedFor(clientId: string, nowMs: number): Promise<number>;
  /** Nothing is granted before `untilMs` (a 429, or an allowance used up). */
  blockUntil(clientId: string, untilMs: number): Promise<void>;
}

export interface WorkerRow {
  id: string;
  sync: string;
  host: string;
  pid: number;
  configHash: string;
  startedAt: string;
  seenAt: string;
}

export interface WorkerStore {
  /** Inserts or refreshes. */
  beat(worker: Omit<WorkerRow, 'seenAt' | 'startedAt'>): Promise<void>;
  leave(id: string): Promise<void>;
  list(sync: string): Promise<WorkerRow[]>;
}
