import type { Anchor } from '../model/entry.ts';
import { isOnOnePerson, type RunMode } from '../model/run.ts';
import type { State } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';

/** The people that an approved or parked run, or a run on one person, is about; null for runs on everybody. */
export async function concerned(
  { state }: Dependencies,
  run: { runId: string; sync: string; mode: RunMode; batch: string | null },
): Promise<Anchor[] | null> {
  if (isOnOnePerson(run.mode)) return [await personAsked(state, run.runId)];
  const pages =
    run.batch !== null
      ? state.batches.anchors(run.batch)
      : run.mode === 'parked'
        ? state.parked.anchors(run.sync)
        : null;
  if (pages === null) return null;
  const anchors: Anchor[] = [];
  for await (const page of pages) anchors.push(...page);
  return anchors;
}

/** The same, with the people whose login an approved change takes: how they stand decides whether it is still right. */
export async function toBeRead(
  dependencies: Dependencies,
  run: { runId: string; sync: string; mode: RunMode; batch: string | null },
): Promise<Anchor[] | null> {
  const anchors = await concerned(dependencies, run);
  if (anchors === null || run.batch === null) return anchors;
  return [...new Set([...anchors, ...(await dependencies.state.batches.predecessors(run.batch))])];
}

async function personAsked({ asked }: State, runId: string): Promise<Anchor> {
  const anchor = (await asked.get(runId))?.anchor ?? null;
  if (anchor === null) throw new Error(`nobody knows yet whom run ${runId} is about`);
  return anchor;
}
