import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';
import { genesysTaskQueue } from './ids.ts';

/**
 * The retry table: how long each step may take and how it is tried again. What is retryable at all is decided in
 * `activities/failures.ts`.
 */

/** Silence after which a worker counts as dead. Longer than any HTTP time-out, so that a dead attempt has no request left in flight. */
const HEARTBEAT_TIMEOUT = '15s';

/** Priority of what somebody waits for: a lower number goes first. */
export const URGENT = { priorityKey: 1 };

/** Steps on state alone. */
export const stateStep: ActivityOptions = {
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '15m',
  retry: { initialInterval: '500ms', maximumInterval: '15s' },
};

/** Reads of a whole directory or of all Genesys users, and planning: long, seen alive by their heartbeats. */
export const longStep: ActivityOptions = {
  startToCloseTimeout: '12h',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', maximumInterval: '15s' },
};

/** Closing a run must succeed whenever state comes back. */
export const closingStep: ActivityOptions = {
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '1h',
  retry: { initialInterval: '500ms', maximumInterval: '15s' },
};

/** Genesys calls that are not tied to one user's change. */
export function genesysRead(sync: string): ActivityOptions {
  return { ...longStep, taskQueue: genesysTaskQueue(sync), priority: { priorityKey: 3 } };
}

/** Looks at writes in flight when a run ends early: long enough for the index lag, then the next run goes on. */
export function settling(sync: string): ActivityOptions {
  return { ...genesysRead(sync), scheduleToCloseTimeout: '10m' };
}

/** One user's write: bounded by time, not by attempts; then the change is parked. */
export function userWrite(sync: string, priorityKey: number): ActivityOptions {
  return {
    taskQueue: genesysTaskQueue(sync),
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: '30m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: { priorityKey },
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  };
}

/** Small look-ups for the Web UI's sake; one history event each. */
export const labelStep: LocalActivityOptions = { startToCloseTimeout: '10s', retry: { maximumInterval: '2s' } };
