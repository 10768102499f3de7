import { CHANGE_KINDS, type ChangeKind } from '../model/change.ts';
import { isOnOnePerson } from '../model/run.ts';
import { guard, type GuardVerdict } from '../planning/guard.ts';
import { heldWith } from '../planning/hand-overs.ts';
import type { RunRow } from '../state/state.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { runUnderWay } from './run-under-way.ts';

export interface GuardResult {
  /** Changes that this run goes on to write. */
  toApply: number;
  held: number;
  /** Batch that waits for a person (for a dry run: the whole plan), else null. */
  heldBatch: string | null;
  batchSize: number;
  /** Milliseconds until the batch expires. */
  expiresInMs: number;
  /** Of a preview, which makes no batch: the limits that are passed, as sentences. */
  reasons?: string[];
}

/**
 * Holds what is over a limit. An approved run has been decided on already and passes, and so has a link by hand; what was
 * judged once stands.
 */
export async function guardPlan(dependencies: Dependencies, { runId }: RunRef): Promise<GuardResult> {
  const { settings, state } = dependencies;
  const run = await runUnderWay(dependencies, runId);
  const expiresInMs = settings.safety.approvalTimeoutMs;
  const judged = await state.changes.isNumbered(runId);
  const tied = isOnOnePerson(run.mode) && (await state.asked.get(runId))?.tie !== undefined;
  const passes = run.mode === 'approved' || tied || judged;
  const verdict = passes ? PASS : await judge(dependencies, run);
  if (!judged) await holdTakers(state, runId, verdict);
  if (!judged && !holds(verdict, 'recycle')) await state.changes.dropRetiredLeavers(runId);
  if (run.mode === 'preview') await state.changes.hold(runId, verdict.hold, '');
  const batch =
    run.mode === 'approved' || run.mode === 'preview' || tied
      ? null
      : await state.batches.create(runId, {
          kinds: verdict.hold,
          reasons: verdict.reasons,
          configHash: run.configHash,
          dryRun: run.dryRun,
          expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
        });
  if (!judged) await state.changes.number(runId);
  const counts = await state.changes.counts(runId);
  const total = (of: (kind: ChangeKind) => number): number => CHANGE_KINDS.reduce((sum, kind) => sum + of(kind), 0);
  const settled = total((kind) => counts[kind].parked + counts[kind].held + counts[kind].superseded);
  return {
    toApply: total((kind) => counts[kind].planned) - settled,
    held: total((kind) => counts[kind].held),
    heldBatch: batch?.hash ?? null,
    batchSize: batch?.size ?? 0,
    expiresInMs,
    ...(run.mode === 'preview' ? { reasons: verdict.reasons } : {}),
  };
}

const PASS: GuardVerdict = { hold: [], reasons: [] };

async function judge({ settings, state }: Dependencies, { sync, runId, rebindBy }: RunRow): Promise<GuardVerdict> {
  if (rebindBy !== undefined)
    return { hold: 'all', reasons: [`rebind --by ${rebindBy} gives linked people new anchors`] };
  const { safety } = settings;
  const links = await state.links.counts(sync);
  const since = (windowMs: number): string => new Date(Date.now() - windowMs).toISOString();
  const planned = await state.changes.plannedCounts(runId);
  const input = {
    planned,
    activeLinks: links.active,
    anyLink: links.total > 0,
    appliedInWindow: {
      deactivations: await state.audit.appliedSince(sync, ['deactivate'], since(safety.deactivations.windowMs)),
      recycles: await state.audit.appliedSince(sync, ['recycle', 'rebind'], since(safety.recycles.windowMs)),
    },
    safety,
  };
  // A user whom a recycle retires is no leaver besides, unless the recycle has to wait.
  const deactivate = planned.deactivate - (await state.changes.countRetiredLeavers(runId));
  const verdict = guard({ ...input, planned: { ...planned, deactivate } });
  return holds(verdict, 'recycle') ? guard(input) : verdict;
}

/** Whoever takes a login over waits with him who gives it away, so that nobody is sent to fail. */
async function holdTakers(state: Dependencies['state'], runId: string, verdict: GuardVerdict): Promise<void> {
  const rows = await state.changes.handOvers(runId);
  const held = rows.filter(({ kind, heldBecause }) => heldBecause !== null || holds(verdict, kind));
  if (verdict.hold === 'all' || held.length === 0) return;
  await state.changes.holdPeople(
    runId,
    heldWith(rows, held),
    'the login comes from somebody whose change waits for approval',
  );
}

function holds({ hold }: GuardVerdict, kind: ChangeKind): boolean {
  return hold === 'all' || hold.includes(kind);
}
