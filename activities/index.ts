import { Context } from '@temporalio/activity';
import { closeRun, type CloseRunInput } from './close-run.ts';
import { decideBatch, type DecideBatchInput } from './decide-batch.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { describeChanges } from './describe-changes.ts';
import { toFailure } from './failures.ts';
import { guardPlan } from './guard-plan.ts';
import { whileBeating } from './heartbeat.ts';
import { listGenesysUsers } from './list-genesys-users.ts';
import { nextSlices } from './next-slices.ts';
import { openRun, type OpenRunInput } from './open-run.ts';
import { parkChange } from './park-change.ts';
import { planChanges } from './plan-changes.ts';
import { readDirectory } from './read-directory.ts';
import { resolveUnfinished } from './resolve-unfinished.ts';
import type { WriteInput } from './write-attempt.ts';
import { writeUser } from './write-user.ts';

export type Activities = ReturnType<typeof createActivities>;

/** Every activity, bound to the worker's dependencies. The names are what the Web UI shows. */
export function createActivities(dependencies: Dependencies) {
  const write = (input: WriteInput) => step(() => whileBeating(() => writeUser(dependencies, input)));
  return {
    openRun: (input: OpenRunInput) => step(() => openRun(dependencies, input)),
    resolveUnfinished: (run: RunRef) => step(() => whileBeating(() => resolveUnfinished(dependencies, run))),
    readDirectory: (run: RunRef) => step(() => whileBeating(() => readDirectory(dependencies, run))),
    listGenesysUsers: (run: RunRef) => step(() => whileBeating(() => listGenesysUsers(dependencies, run))),
    planChanges: (run: RunRef) => step(() => whileBeating(() => planChanges(dependencies, run))),
    guardPlan: (run: RunRef) => step(() => guardPlan(dependencies, run)),
    nextSlices: (input: { runId: string; after: number }) => step(() => nextSlices(dependencies, input)),
    describeChanges: (input: { runId: string; from: number; to: number }) =>
      step(() => describeChanges(dependencies, input)),
    createUser: write,
    updateUser: write,
    reactivateUser: write,
    deactivateUser: write,
    parkChange: (input: { runId: string; seq: number; message: string }) => step(() => parkChange(dependencies, input)),
    closeRun: (input: CloseRunInput) => step(() => closeRun(dependencies, input)),
    decideBatch: (input: DecideBatchInput) => step(() => decideBatch(dependencies, input)),
  };
}

async function step<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toFailure(error, Context.current().info.attempt);
  }
}
