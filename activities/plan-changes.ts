import { Context } from '@temporalio/activity';
import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { concerned } from './concerned.ts';
import { decideCandidates } from './decide-candidates.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { mapEntries } from './map-entries.ts';
import { orderChanges } from './order-changes.ts';

/**
 * Works out the plan from what this run read: maps every entry, decides on everybody about whom something may have to
 * be done, puts the changes in order. A repeat starts anew. Desired values are fixed here for the whole run.
 */
export async function planChanges(dependencies: Dependencies, ref: RunRef): Promise<void> {
  const { settings, state } = dependencies;
  const run = await state.runs.get(ref.runId);
  if (run === null) throw new Error(`run ${ref.runId} is not open`);
  const last = await state.runs.lastComplete(ref.sync, ['full', 'delta'], { dryRuns: true });
  const fallback = last === null || last.runId === ref.runId ? null : last.runId;

  await state.changes.begin(ref.runId);
  const invalid = await mapEntries(dependencies, ref, fallback);
  await state.runs.setDirectory(ref.runId, { ...run.directory, invalid });
  const marks = await state.staging.marks(ref.runId);
  const undecided = await decideCandidates(dependencies, {
    ...ref,
    anchors: await concerned(dependencies, run),
    directories: marks.map((mark) => mark.directory),
    inventoryComplete: await state.inventory.isComplete(ref.runId),
    openMembers: run.mode === 'approved' ? new Map<Anchor, ChangeKind>() : await state.batches.openMembers(ref.sync),
    signal: Context.current().cancellationSignal,
  });
  await state.runs.setUnchanged(ref.runId, undecided + (await state.desired.unchanged(ref.runId, ref.sync)));
  if (!run.dryRun) await state.links.markSeen(ref.sync, ref.runId, settings.hash);
  const lookedAtAll = run.mode !== 'approved' && marks.length === settings.directories.length;
  if (!run.dryRun && lookedAtAll) await state.parked.settle(ref.sync, ref.runId);
  if (run.batch !== null) await state.changes.keepOnly(ref.runId, run.batch);
  await orderChanges(dependencies, ref);
}
