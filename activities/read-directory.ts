import { Context } from '@temporalio/activity';
import { dnKey } from '../directory/dn.ts';
import { openDirectory } from '../directory/open.ts';
import { DirectoryError } from '../model/errors.ts';
import type { Anchor, Entry, ReadCounts } from '../model/entry.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { implausible } from '../planning/plausible.ts';
import type { State } from '../state/state.ts';
import { concerned } from './concerned.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Entries staged with one transaction. */
const BATCH = 1_000;

interface ReadTask extends RunRef {
  attempt: number;
  now: Date;
  signal: AbortSignal;
  /** Null: everybody in scope. */
  anchors: Anchor[] | null;
}

export interface ReadResult {
  read: number;
  inScope: number;
  /** With several directories: which could not be read, and that its people stay as they are; else null. */
  frozen: string | null;
}

/**
 * Reads every configured directory into staging: everybody in scope, or the people that an approved or parked run is
 * about. Any failure, and any implausible count, is a failed read: it throws, and the run plans nothing. With several
 * directories the failed one alone is frozen: its people stay as last read.
 */
export async function readDirectory(dependencies: Dependencies, ref: RunRef): Promise<ReadResult> {
  const { settings, state } = dependencies;
  const context = Context.current();
  const run = await state.runs.get(ref.runId);
  if (run === null) throw new Error(`run ${ref.runId} is not open`);
  const anchors = await concerned(dependencies, run);
  const { attempt } = context.info;
  const task: ReadTask = { ...ref, attempt, now: new Date(), signal: context.cancellationSignal, anchors };
  await state.runs.setDirectory(ref.runId, { read: 0, inScope: 0, invalid: 0, complete: false });
  const total = { read: 0, inScope: 0 };
  const failures: DirectoryError[] = [];
  const frozen: string[] = [];
  for (const directory of settings.directories) {
    try {
      const counts = await readOne(dependencies, directory, task);
      total.read += counts.read;
      total.inScope += counts.inScope;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      failures.push(error);
      frozen.push(directory.name);
    }
  }
  const [failure] = failures;
  if (failure !== undefined && failures.length === settings.directories.length) throw failure;
  if (anchors === null) await refuseImplausible(dependencies, ref, total.inScope);
  await state.runs.setDirectory(ref.runId, { ...total, invalid: 0, complete: failure === undefined });
  return { ...total, frozen: failure === undefined ? null : frozenSentence(frozen, failure) };
}

function frozenSentence(names: string[], failure: DirectoryError): string {
  return `${names.join(', ')} could not be read, so its people stay as they are: ${failure.message}`.slice(0, 400);
}

async function readOne(
  { mapping, state }: Dependencies,
  settings: DirectorySettings,
  task: ReadTask,
): Promise<ReadCounts> {
  const { runId, attempt, now, signal } = task;
  await state.staging.begin(runId, settings.name, attempt);
  const directory = await openDirectory(settings, { attributes: mapping.attributes, now, signal });
  try {
    const { entries, counts } = directory.read(task.anchors === null ? { signal } : { signal, anchors: task.anchors });
    let batch: Entry[] = [];
    for await (const entry of entries) {
      batch.push(entry);
      if (batch.length < BATCH) continue;
      await state.staging.add(runId, settings.name, attempt, batch);
      batch = [];
    }
    if (batch.length > 0) await state.staging.add(runId, settings.name, attempt, batch);
    await state.staging.complete(runId, settings.name, attempt, counts);
    return counts;
  } finally {
    await directory.close();
  }
}

/** Compares with the last complete read of the same directories, and looks for the canaries. */
async function refuseImplausible({ settings, state }: Dependencies, ref: RunRef, inScope: number): Promise<void> {
  const { canaries } = settings.safety;
  const keys = new Map(canaries.map((canary) => [canary, canary.includes('=') ? dnKey(canary) : canary.toLowerCase()]));
  const seen = await state.staging.contains(ref.runId, [...keys.values()]);
  const canariesMissing = canaries.filter((canary) => !seen.has(keys.get(canary) ?? canary));
  const previous = await previousCount(state, ref);
  const problem = implausible({ inScope, previous, canariesMissing }, settings.safety);
  if (problem !== null) throw new DirectoryError('directory.implausible', problem);
}

async function previousCount(state: State, { runId, sync }: RunRef): Promise<number | null> {
  const last = await state.runs.lastComplete(sync, ['full', 'delta'], { dryRuns: true });
  if (last === null) return null;
  const readNow = new Set((await state.staging.marks(runId)).map((mark) => mark.directory));
  const before = (await state.staging.marks(last.runId)).filter((mark) => readNow.has(mark.directory));
  return before.length === 0 ? null : before.reduce((sum, mark) => sum + mark.inScope, 0);
}
