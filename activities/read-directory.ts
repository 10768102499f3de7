import { Context } from '@temporalio/activity';
import { DirectoryError } from '../model/errors.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { toBeRead } from './concerned.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { managersToRead } from './absent-managers.ts';
import { fingerprintEntries } from './fingerprint-entries.ts';
import { lastCompleteRun } from './last-complete.ts';
import { loginHolders } from './login-holders.ts';
import { refuseImplausible } from './refuse-implausible.ts';
import { runUnderWay } from './run-under-way.ts';
import { readInFull, stageDirectory, type ReadTask, type Returned } from './stage-directory.ts';

export interface ReadResult {
  read: number;
  inScope: number;
  /** With several directories: which could not be read, and that its people stay as they are; else null. */
  frozen: string | null;
}

/**
 * Reads every configured directory into staging: everybody in full, everybody lightly and then in full whom something
 * happened to (delta), or the people that an approved or parked run is about. Any failure, and any implausible count, is
 * a failed read: it throws, and the run plans nothing. With several directories the failed one alone is frozen: its
 * people stay as last read.
 */
export async function readDirectory(dependencies: Dependencies, ref: RunRef): Promise<ReadResult> {
  const { settings, state } = dependencies;
  const { info, cancellationSignal: signal } = Context.current();
  const run = await runUnderWay(dependencies, ref.runId);
  const anchors = await toBeRead(dependencies, run);
  const sweep = run.mode === 'delta';
  const task: ReadTask = { ...ref, attempt: info.attempt, now: new Date(), signal, anchors, sweep };
  await state.runs.setDirectory(ref.runId, { read: 0, inScope: 0, invalid: 0, complete: false });
  const { returned, inScope, failures } = await stageConcerned(dependencies, task);
  // Before the read is judged: it may count as failed.
  await state.runs.setDirectory(ref.runId, { ...returned, invalid: 0, complete: false });
  const [first] = failures;
  if (first !== undefined && failures.length === settings.directories.length) throw first.error;
  if (anchors === null) await refuseImplausible(dependencies, ref, inScope);
  await fingerprintEntries(dependencies, ref, await lastCompleteRun(state, ref));
  if (sweep) {
    const failed = new Set(failures.map(({ directory }) => directory));
    const swept = settings.directories.filter((directory) => !failed.has(directory));
    for (const directory of swept) {
      // Who is new, moved or changed since he was last settled, and who is parked and due.
      const outdated = state.staging.outdated(ref.runId, ref.sync, directory.name, task.now.toISOString());
      await readInFull(dependencies, directory, task, outdated);
    }
  }
  await state.runs.setDirectory(ref.runId, { ...returned, invalid: 0, complete: failures.length === 0 });
  return { ...returned, frozen: frozenSentence(failures) };
}

/** Few people are read together with their managers and with those who have the logins that they shall get. */
async function stageConcerned(dependencies: Dependencies, task: ReadTask): Promise<Staged> {
  if (task.anchors === null) return stageAll(dependencies, task);
  const managers = await managersToRead(dependencies, task.sync, task.anchors);
  const anchors = [...new Set([...task.anchors, ...managers])];
  const staged = await stageAll(dependencies, { ...task, anchors });
  if (staged.failures.length === dependencies.settings.directories.length) return staged;
  const holders = await loginHolders(dependencies, task);
  return holders.length === 0 ? staged : stageAll(dependencies, { ...task, anchors: [...anchors, ...holders] });
}

interface Failed {
  directory: DirectorySettings;
  error: DirectoryError;
}

interface Staged {
  returned: Returned;
  /** Of the directories that were read to the end. */
  inScope: number;
  failures: Failed[];
}

async function stageAll(dependencies: Dependencies, task: ReadTask): Promise<Staged> {
  const returned: Returned = { read: 0, inScope: 0 };
  const failures: Failed[] = [];
  let inScope = 0;
  for (const directory of dependencies.settings.directories) {
    try {
      inScope += (await stageDirectory(dependencies, directory, task, returned)).inScope;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      failures.push({ directory, error });
    }
  }
  return { returned, inScope, failures };
}

function frozenSentence(failures: Failed[]): string | null {
  const [first] = failures;
  if (first === undefined) return null;
  const names = failures.map(({ directory }) => directory.name).join(', ');
  return `${names} could not be read, so its people stay as they are: ${first.error.message}`.slice(0, 400);
}
