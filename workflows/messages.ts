import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { RebindKey, RunMode, RunOutcome, ScheduledMode } from '../model/run.ts';
import type { Slice } from '../activities/next-slices.ts';

export interface SyncRunInput {
  /** A UUID of ours: Temporal's own run id changes on reset and continue-as-new. */
  runId: string;
  sync: string;
  mode: RunMode;
  dryRun: boolean;
  /** Who asked for the run; stands in the audit trail. */
  actor: string;
  /** The batch whose changes an `approved` run applies, else null. */
  batch: string | null;
  /** Of mode `rebind` alone: by what people are found again. */
  rebindBy?: RebindKey;
  /** Slices after which the run continues as new. Default 300; tests lower it. */
  slicesPerExecution?: number;
  /** Set by continue-as-new only. */
  resume?: RunProgress;
}

/** A workflow's result. What the run did stands in state, under its id. */
export interface SyncRunResult {
  runId: string;
  outcome: RunOutcome;
  heldBatch: string | null;
}

/** A run on one person. */
export interface ProvisionInput {
  runId: string;
  sync: string;
  /** `preview`: always a dry run, which only shows what a run would do and is forgotten. */
  mode: 'provision' | 'preview';
  dryRun: boolean;
  actor: string;
  /** Null: state has what the person was named by, under the run's id. */
  anchor: string | null;
}

export interface ProvisionResult extends SyncRunResult {
  /** Of a preview: the limits that its change passes, as sentences. */
  holds: string[];
}

export interface ScheduledSyncInput {
  sync: string;
  mode: ScheduledMode;
  /** Stands in the audit trail as who asked for the run. */
  actor: string;
}

/** What the schedule's list shows of a firing. */
export interface ScheduledSyncResult {
  /** Null when no run was started, since one was going on. */
  runId: string | null;
  outcome: RunOutcome;
  heldBatch: string | null;
}

export type RunPhase = 'opening' | 'reading' | 'listing' | 'planning' | 'applying' | 'closing' | 'done';

/** Counts only: names of people stay in state. Travels through continue-as-new. */
export interface RunProgress {
  phase: RunPhase;
  /** Changes to apply in this run. */
  toApply: number;
  applied: number;
  parked: number;
  superseded: number;
  held: number;
  /** All slices up to this `seq` are done. */
  doneThrough: number;
  /** Slices started so far, by all executions of the run. */
  slices: number;
  heldBatch: string | null;
  /** Sentence about a directory that could not be read while others could; else null. */
  warning: string | null;
  /** How the run ended; absent until then. */
  outcome?: RunOutcome;
  /** Who paused the run; absent in runs opened by releases that knew no pause. */
  paused?: PausedBy | null;
}

export interface PausedBy {
  by: string;
  because: string | null;
  /** ISO time. */
  since: string;
}

export interface SliceInput {
  runId: string;
  sync: string;
  actor: string;
  slice: Slice;
  /** Of its writes; absent = that of their kind. */
  priority?: number;
}

export interface RecycleInput {
  runId: string;
  sync: string;
  actor: string;
  seq: number;
  priority: number;
}

/** How many changes of the slice ended how. */
export interface SliceResult {
  applied: number;
  parked: number;
  superseded: number;
}

export interface ApprovalInput {
  sync: string;
  batch: string;
  /** The run that made the batch. */
  runId: string;
  size: number;
  /** Milliseconds until the batch expires. */
  expiresInMs: number;
}

export interface DecisionInput {
  approve: boolean;
  /** The batch that the person means; anything else is refused. */
  batch: string;
  actor: string;
  reason: string | null;
}

export interface DecisionAnswer {
  /** Id of the run that applies the approved changes; null for a rejection. */
  runId: string | null;
}

/** What the signal `pause` carries. Sent by hand, any of it may be missing. */
export interface PauseInput {
  actor?: string;
  reason?: string | null;
}

export const progressQuery = defineQuery<RunProgress>('progress');
export const decisionUpdate = defineUpdate<DecisionAnswer, [DecisionInput]>('decide');
/** Both are for `syncRun`, which passes them on to its slices. */
export const pauseSignal = defineSignal<[PauseInput?]>('pause');
export const resumeSignal = defineSignal('resume');
