import { Context } from '@temporalio/activity';
import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { isOnOnePerson } from '../model/run.ts';
import { olderState } from '../planning/older-state.ts';
import type { RunRow, State } from '../state/state.ts';
import { concerned } from './concerned.ts';
import { decideCandidates, type Decided } from './decide-candidates.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { lastCompleteRun } from './last-complete.ts';
import { mapEntries } from './map-entries.ts';
import { orderChanges } from './order-changes.ts';
import { planRebinds, rebindKey } from './plan-rebinds.ts';
import { refuseReplacedAnchors } from './refuse-replaced-anchors.ts';
import { runUnderWay } from './run-under-way.ts';
import { tieByHand } from './tie-by-hand.ts';

export interface PlanResult {
  /** What the whole plan says about the state, as one sentence; null when there is nothing to say. */
  warning: string | null;
}

/**
 * Works out the plan from what this run read: maps every entry, decides on everybody about whom something may have to
 * be done, puts the changes in order. A repeat starts anew, until the guard has let the plan go: from then on slices may
 * be writing it, also those that a reset of the run left behind. Desired values are fixed here for the whole run.
 */
export async function planChanges(dependencies: Dependencies, ref: RunRef): Promise<PlanResult> {
  const { settings, state } = dependencies;
  const run = await runUnderWay(dependencies, ref.runId);
  if (await state.changes.isNumbered(ref.runId)) return { warning: null };

  await state.changes.begin(ref.runId);
  const anyLink = (await state.links.counts(ref.sync)).total > 0;
  const invalid = await mapEntries(dependencies, ref, await lastCompleteRun(state, ref));
  await state.runs.setDirectory(ref.runId, { ...run.directory, invalid });
  // Before any decision, so that whoever has a login is known as he was read just now.
  if (!run.dryRun) await state.links.noteProvenance(ref.sync, ref.runId);
  const marks = await state.staging.marks(ref.runId);
  const directories = marks.map((mark) => mark.directory);
  const by = await rebindKey(state, run);
  if (by !== null) {
    await planRebinds(dependencies, run, { by, directories });
    return { warning: null };
  }
  const { unchanged, signs } = await decideFor(dependencies, run, directories);
  await state.runs.setUnchanged(ref.runId, unchanged + (await state.staging.countSwept(ref.runId, ref.sync)));
  const lookedAtAll = run.mode === 'parked' || run.mode === 'full';
  const onlyRead = !lookedAtAll || marks.length < settings.directories.length;
  if (!run.dryRun) await settle(state, ref, { configHash: settings.hash, onlyRead });
  if (run.batch !== null) await state.changes.keepOnly(ref.runId, run.batch);
  // The plan of a preview is one person's: whoever gives him a login is not in it.
  if (run.mode !== 'preview') await orderChanges(dependencies, ref);
  return { warning: olderState(signs, anyLink) };
}

async function decideFor(dependencies: Dependencies, run: RunRow, directories: string[]): Promise<Decided> {
  const { state } = dependencies;
  const { runId, sync, batch, mode, dryRun } = run;
  const anchors = await concerned(dependencies, run);
  const ties = await tieByHand(dependencies, run);
  if (anchors === null) await refuseReplacedAnchors(dependencies, run, directories);
  // Counted first, since whoever is found ahead of his link is in step from then on.
  const looked = await lookedFor(state, run, anchors);
  const inStep = await state.desired.unchanged(runId, sync, { looked, ...(anchors === null ? {} : { anchors }) });
  const decided = await decideCandidates(dependencies, {
    ...{ runId, sync, anchors, ties, directories, dryRun },
    looksUp: isOnOnePerson(mode) && ties.size === 0,
    adoptions: batch === null ? new Map<Anchor, string>() : await state.batches.adoptions(batch),
    ...{ inventoryComplete: await state.inventory.isComplete(runId), looked, urgent: isOnOnePerson(mode) },
    resting: mode === 'full' ? new Set<Anchor>() : await resting(state, { sync, mode }),
    openMembers:
      mode === 'approved' || ties.size > 0 ? new Map<Anchor, ChangeKind[]>() : await state.batches.openMembers(sync),
    signal: Context.current().cancellationSignal,
  });
  if (anchors !== null) await state.desired.keepOnly(runId, anchors);
  return { ...decided, unchanged: decided.unchanged + inStep };
}

/**
 * Linked people whose users this run looks up although it lists nobody: whoever has failed before or is asked about, and of
 * an approved batch whoever is to get another user in place of a deleted one, who may have been restored since.
 */
async function lookedFor(
  { batches }: State,
  { batch, mode }: RunRow,
  anchors: Anchor[] | null,
): Promise<ReadonlySet<Anchor>> {
  if (batch !== null) return new Set(await batches.replacements(batch));
  return new Set(mode === 'parked' || isOnOnePerson(mode) ? anchors : []);
}

/** Takes down what the plan found out about people for whom it has no change. */
async function settle(
  state: State,
  { sync, runId }: RunRef,
  { configHash, onlyRead }: { configHash: string; onlyRead: boolean },
): Promise<void> {
  await state.links.markSeen(sync, runId, configHash);
  await state.links.settle(sync, runId);
  await state.parked.settle(sync, runId, { onlyRead });
}

/**
 * Missing people who are left alone: whoever goes on under a new anchor as soon as his parked rebind succeeds and, in a
 * delta, leavers whose parked deactivation is not due yet. A full run plans both anew.
 */
async function resting(state: State, { sync, mode }: Pick<RunRow, 'sync' | 'mode'>): Promise<Set<Anchor>> {
  const now = new Date().toISOString();
  const rows = mode === 'delta' ? await state.parked.list(sync) : [];
  const leavers = rows.filter((row) => row.kind === 'deactivate' && row.nextAttemptAt > now);
  return new Set([...leavers.map((row) => row.anchor), ...(await state.parked.rebinding(sync))]);
}
