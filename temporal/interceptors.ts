import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor, WorkerInterceptors } from '@temporalio/worker';

/** One attempt at an activity, as tracing wants to know it. */
export interface ActivityAttempt {
  /** Type of the activity. */
  name: string;
  workflowId: string;
  attempt: number;
  /** By the argument; null where it names no run. */
  runId: string | null;
  /** By the argument; null where it names no single change. */
  seq: number | null;
}

export type AroundActivity = <T>(activity: ActivityAttempt, work: () => Promise<T>) => Promise<T>;

/**
 * What the worker puts around activities; null: nothing. Workflows have no interceptors: a bundle made before and
 * histories of any age fit without regard to whether traces are on.
 */
export function workerInterceptors(around: AroundActivity | null): WorkerInterceptors {
  if (around === null) return {};
  const inbound: ActivityInboundCallsInterceptor = {
    execute: (input, next) => around(attemptOf(input.args[0]), () => next(input)),
  };
  return { activity: [() => ({ inbound })] };
}

function attemptOf(argument: unknown): ActivityAttempt {
  const { activityType, attempt, workflowExecution } = Context.current().info;
  const fields = typeof argument === 'object' && argument !== null ? argument : {};
  const runId = 'runId' in fields && typeof fields.runId === 'string' ? fields.runId : null;
  const seq = 'seq' in fields && typeof fields.seq === 'number' ? fields.seq : null;
  return { name: activityType, workflowId: workflowExecution?.workflowId ?? '', attempt, runId, seq };
}
