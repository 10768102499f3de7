import type { Anchor } from '../model/entry.ts';
import { assignWaves, cutManager, type LightChange } from '../planning/waves.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Puts the plan in order: managers before their reports, cycles cut, every change with its wave. */
export async function orderChanges({ state }: Dependencies, { runId, sync }: RunRef): Promise<void> {
  const light: LightChange[] = [];
  for await (const page of state.changes.light(runId)) for (const row of page) light.push(row);
  const { waves, later, cut } = assignWaves(light);
  const places = light.map(({ anchor, kind }) => ({ anchor, kind, wave: waves.get(anchor) ?? 0 }));
  for (const anchor of cut) {
    const split = await cutCycle(state, runId, sync, anchor);
    if (split) places.push({ anchor, kind: 'update', wave: later.get(anchor) ?? 0 });
  }
  await state.changes.setWaves(runId, places);
}

/** False for a reactivation: that user has his id already, so whoever points to him need not wait. */
async function cutCycle(state: Dependencies['state'], runId: string, sync: string, anchor: Anchor): Promise<boolean> {
  const change = await state.changes.find(runId, anchor, 'create');
  if (change === null) return false;
  const { create, update } = cutManager(change);
  await state.changes.replace(runId, [create]);
  await state.changes.add(runId, sync, [update]);
  return true;
}
