import type { ChangeKind, KindCounts, Match, Oddity, Values } from './change.ts';

export const RUN_MODES = ['full', 'delta', 'parked', 'approved', 'undo', 'rebind', 'provision', 'preview'] as const;
export type RunMode = (typeof RUN_MODES)[number];

/** By what a `rebind` run finds people again whose entries have new anchors. */
export const REBIND_KEYS = ['employeeNumber', 'userName'] as const;
export type RebindKey = (typeof REBIND_KEYS)[number];

/**
 * Runs on one person, which go on beside the sync's own runs without its lock: `provision` is `provision-user`, `preview`
 * a dry run that `explain` asks for and that is forgotten afterwards.
 */
export const PERSON_MODES = ['provision', 'preview'] as const satisfies readonly RunMode[];

export function isOnOnePerson(mode: RunMode): boolean {
  return PERSON_MODES.some((one) => one === mode);
}

/** Modes that can start by a schedule. */
export const SCHEDULED_MODES = ['delta', 'full'] as const satisfies readonly RunMode[];
export type ScheduledMode = (typeof SCHEDULED_MODES)[number];

export type RunOutcome = 'completed' | 'parked' | 'held' | 'skipped' | 'failed' | 'cancelled';
/** `terminated` shows only in `runs`: the row of a run whose workflow was ended from outside. */
export type StoredOutcome = RunOutcome | 'terminated';

/** HTTP requests of one run. `token`: to the login host; `throttled`: answers 429, counted besides. */
export interface RequestCounts {
  token: number;
  read: number;
  write: number;
  throttled: number;
}

export interface DirectoryCounts {
  read: number;
  inScope: number;
  invalid: number;
  complete: boolean;
}

/** What `start-sync --wait --json` prints. Other people script against it. */
export interface RunReport {
  runId: string;
  workflowId: string;
  mode: RunMode;
  dryRun: boolean;
  outcome: RunOutcome;
  error: string | null;
  directory: DirectoryCounts;
  changes: Record<ChangeKind, KindCounts>;
  unchanged: number;
  requests: RequestCounts;
  heldBatch: string | null;
  durationMs: number;
}

/** What `plan --json` prints. */
export interface PlanReport {
  heldBatch: string | null;
  changes: {
    anchor: string;
    kind: ChangeKind;
    userName: string;
    reason: string;
    before: Values | null;
    after: Values | null;
  }[];
  /** Of the run that made the plan; absent when it listed no Genesys users, or its listing is no longer kept. */
  takeover?: TakeoverReport;
}

/** What a run that listed the Genesys users makes of those whom nobody managed before it. */
export interface TakeoverReport {
  /** Genesys users listed, active and inactive. */
  listed: number;
  /** People whose user was found, by what; those with something odd among them, but not the ambiguous. */
  matched: Record<Match['by'], number>;
  /** People about whose user something is odd: they wait for a person, or are parked. */
  odd: Record<Oddity, number>;
  /** How many of these users each attribute changes for, by path; the most frequent first. */
  attributes: { path: string; users: number }[];
  /** Genesys users who are nobody's, before and after: they stay untouched. */
  unowned: { count: number; first: { genesysId: string; userName: string; active: boolean }[] };
}
