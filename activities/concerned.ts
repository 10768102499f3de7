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

async function personAsked({ asked }: State, runId: string): Promise<Anchor> {
  const anchor = (await asked.get(runId))?.anchor ?? null;
  if (anchor === null) throw new Error(`nobody knows yet whom run ${runId} is about`);
  return anchor;
}
