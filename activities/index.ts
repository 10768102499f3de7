import { Context } from '@temporalio/activity';
import { compileMapping } from '../mapping/compile.ts';
import { anchorsOf } from './anchors-of.ts';
import { closeRun, type CloseRunInput } from './close-run.ts';
import { decideBatch, type DecideBatchInput } from './decide-batch.ts';
import type { Dependencies, RunRef, WorkerParts } from './dependencies.ts';
import { describeChanges } from './describe-changes.ts';
import { toFailure } from './failures.ts';
import { findPerson, type FindPersonInput } from './find-person.ts';
import { guardPlan } from './guard-plan.ts';
import { whileBeating } from './heartbeat.ts';
import { listGenesysUsers } from './list-genesys-users.ts';
import { nextSlices } from './next-slices.ts';
import { openRun, type OpenRunInput } from './open-run.ts';
import { parkChange } from './park-change.ts';
import { planChanges } from './plan-changes.ts';
import { readDirectory } from './read-directory.ts';
import { resolveUnfinished } from './resolve-unfinished.ts';
import { retireUser } from './retire-user.ts';
import { snapshotUser } from './snapshot-user.ts';
import type { WriteInput } from './write-attempt.ts';
import { writeUser } from './write-user.ts';

export type Activities = ReturnType<typeof createActivities>;

/** Every activity, bound to the worker's parts. The names are what the Web UI shows. */
export function createActivities(parts: WorkerParts) {
  const dependencies: Dependencies = { ...parts, mapping: compileMapping(parts.settings.mapping) };
  const write = (input: WriteInput) => step(() => whileBeating(() => writeUser(dependencies, input)));
  return {
    openRun: (input: OpenRunInput) => step(() => openRun(dependencies, input)),
    resolveUnfinished: (run: RunRef) => read(() => resolveUnfinished(dependencies, run)),
    findPerson: (input: FindPersonInput) => read(() => findPerson(dependencies, input)),
    readDirectory: (run: RunRef) => read(() => readDirectory(dependencies, run)),
    listGenesysUsers: (run: RunRef) => read(() => listGenesysUsers(dependencies, run)),
    planChanges: (run: RunRef) => read(() => planChanges(dependencies, run)),
    guardPlan: (run: RunRef) => step(() => guardPlan(dependencies, run)),
    nextSlices: (input: { runId: string; after: number }) => step(() => nextSlices(dependencies, input)),
    describeChanges: (input: { runId: string; from: number; to: number }) =>
      step(() => describeChanges(dependencies, input)),
    adoptUser: write,
    createUser: write,
    updateUser: write,
    reactivateUser: write,
    deactivateUser: write,
    rebindUser: write,
    snapshotUser: (input: WriteInput) => step(() => whileBeating(() => snapshotUser(dependencies, input))),
    retireUser: (input: WriteInput) => step(() => whileBeating(() => retireUser(dependencies, input))),
    anchorsOf: (input: { runId: string; from: number; to: number }) => step(() => anchorsOf(dependencies, input)),
    parkChange: (input: { runId: string; seq: number; message: string }) => step(() => parkChange(dependencies, input)),
    closeRun: (input: CloseRunInput) => step(() => closeRun(dependencies, input)),
    decideBatch: (input: DecideBatchInput) => step(() => decideBatch(dependencies, input)),
  };
}

/** A step that fails the run when the other side stays away. */
function read<T>(action: () => Promise<T>): Promise<T> {
  return step(() => whileBeating(action), { patient: false });
}

async function step<T>(action: () => Promise<T>, { patient } = { patient: true }): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toFailure(error, { attempt: Context.current().info.attempt, patient });
  }
}
