import { openDirectory, type Directory } from '../directory/open.ts';
import type { Anchor, Entry, ReadCounts } from '../model/entry.ts';
import type { DirectorySettings } from '../model/settings.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Entries staged with one transaction. */
const BATCH = 1_000;

export interface ReadTask extends RunRef {
  attempt: number;
  now: Date;
  signal: AbortSignal;
  /** Null: everybody in scope. */
  anchors: Anchor[] | null;
  /** A delta's light read: state and references alone. */
  sweep: boolean;
}

/** What directories have returned, whether or not they were then read to the end. */
export type Returned = Pick<ReadCounts, 'read' | 'inScope'>;

/**
 * Reads one directory into staging, up to its completeness mark.
 * @param returned is added to, also when the read fails
 */
export async function stageDirectory(
  { mapping, state }: Dependencies,
  settings: DirectorySettings,
  task: ReadTask,
  returned: Returned,
): Promise<ReadCounts> {
  const { runId, attempt, now, signal, sweep } = task;
  await state.staging.begin(runId, settings.name, attempt);
  const directory = await openDirectory(settings, {
    attributes: sweep ? mapping.references : mapping.attributes,
    light: sweep,
    now,
    signal,
  });
  const { entries, counts } = directory.read(task.anchors === null ? { signal } : { signal, anchors: task.anchors });
  try {
    for await (const batch of inBatches(entries)) {
      await state.staging.add(runId, settings.name, attempt, batch, { swept: sweep });
    }
    await state.staging.complete(runId, settings.name, attempt, counts);
    return counts;
  } finally {
    returned.read += counts.read;
    returned.inScope += counts.inScope;
    await directory.close();
  }
}

/** After that: reads further people in full, those of them who are in this directory. */
export async function readInFull(
  { mapping, state }: Dependencies,
  settings: DirectorySettings,
  task: ReadTask,
  people: AsyncIterable<Anchor[]> | Iterable<Anchor[]>,
): Promise<void> {
  const { runId, attempt, now, signal } = task;
  let directory: Directory | null = null;
  try {
    for await (const anchors of people) {
      directory ??= await openDirectory(settings, { attributes: mapping.attributes, now, signal });
      for await (const batch of inBatches(directory.read({ signal, anchors }).entries)) {
        await state.staging.add(runId, settings.name, attempt, batch);
      }
    }
  } finally {
    await directory?.close();
  }
}

async function* inBatches(entries: AsyncIterable<Entry>): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
