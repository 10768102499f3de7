import type { Anchor } from '../model/entry.ts';
import type { Dependencies } from './dependencies.ts';

/** The people that an approved or parked run is about; null for runs on everybody. */
export async function concerned(
  { state }: Dependencies,
  run: { sync: string; mode: string; batch: string | null },
): Promise<Anchor[] | null> {
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
