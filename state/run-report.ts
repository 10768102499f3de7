import { CHANGE_KINDS, type ChangeKind, type ChangeStatus, type KindCounts } from '../model/change.ts';
import type { RunReport } from '../model/run.ts';
import type { Reader } from './engine.ts';
import { findRun } from './run-row.ts';

/** The object of `--json`; null for an unknown run. */
export async function runReport(db: Reader, runId: string, now: string): Promise<RunReport | null> {
  const run = await findRun(db, runId);
  if (run === null) return null;
  const { outcome } = run;
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    mode: run.mode,
    dryRun: run.dryRun,
    outcome: outcome === null || outcome === 'terminated' ? 'failed' : outcome,
    error: run.error,
    directory: run.directory,
    changes: await kindCounts(db, runId),
    unchanged: run.unchanged,
    requests: run.requests,
    heldBatch: run.heldBatch,
    durationMs: Math.max(0, Date.parse(run.finishedAt ?? now) - Date.parse(run.startedAt)),
  };
}

const COUNTED: readonly ChangeStatus[] = ['applied', 'parked', 'held', 'superseded'];

/** Five numbers for each of the seven kinds; `planned` counts every change, whatever became of it. */
export async function kindCounts(db: Reader, runId: string): Promise<Record<ChangeKind, KindCounts>> {
  const groups = await db
    .selectFrom('changes')
    .select(['kind', 'status', (eb) => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', runId)
    .groupBy(['kind', 'status'])
    .execute();
  const of = (kind: ChangeKind): KindCounts => {
    const counts: KindCounts = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
    for (const group of groups.filter((candidate) => candidate.kind === kind)) {
      counts.planned += group.count;
      if (isCounted(group.status)) counts[group.status] += group.count;
    }
    return counts;
  };
  return Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, of(kind)])) as Record<ChangeKind, KindCounts>;
}

function isCounted(status: ChangeStatus): status is Exclude<keyof KindCounts, 'planned'> {
  return COUNTED.includes(status);
}
