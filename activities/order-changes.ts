import type { PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { unmet } from '../planning/hand-overs.ts';
import { loginAwaited, loginCircle } from '../planning/sentences.ts';
import { firstFree, spareLogins } from '../planning/spare-login.ts';
import { cutManager, moveAside } from '../planning/split-change.ts';
import { assignWaves, type LightChange, type WavePlan } from '../planning/waves.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/**
 * Puts the plan in order: managers before their reports, whoever gives a login away before who takes it, circles cut,
 * every change with its wave. Who waits for a login that does not become free is parked.
 */
export async function orderChanges({ state }: Pick<Dependencies, 'state'>, ref: RunRef): Promise<void> {
  const all: LightChange[] = [];
  for await (const page of state.changes.light(ref.runId)) for (const row of page) all.push(row);
  let light = await withoutUnmet(state, ref, all);
  let plan = assignWaves(light);
  while (plan.blocked.length > 0) {
    await parkTakers(state, ref, light, new Set(plan.blocked), loginCircle);
    light = await withoutUnmet(state, ref, without(light, new Set(plan.blocked)));
    plan = assignWaves(light);
  }
  const moved = new Set(plan.moved);
  // Whoever is moved aside has two places, which are given to the two parts of his change.
  const others = light.filter(({ anchor, kind }) => kind !== 'update' || !moved.has(anchor));
  await state.changes.setWaves(ref.runId, [
    ...others.map(({ anchor, kind }) => ({ anchor, kind, wave: plan.waves.get(anchor) ?? 0 })),
    ...(await cutManagers(state, ref, plan)),
    ...(await moveAsides(state, ref, plan)),
  ]);
}

/** The changes that can be carried out; the others are parked. */
async function withoutUnmet(state: Dependencies['state'], ref: RunRef, light: LightChange[]): Promise<LightChange[]> {
  const failing = new Set(unmet(light));
  if (failing.size === 0) return light;
  await parkTakers(state, ref, light, failing, loginAwaited);
  return without(light, failing);
}

function without(light: LightChange[], anchors: Set<Anchor>): LightChange[] {
  return light.filter(({ anchor, awaits }) => awaits === null || !anchors.has(anchor));
}

async function parkTakers(
  state: Dependencies['state'],
  { runId, sync }: RunRef,
  light: LightChange[],
  anchors: Set<Anchor>,
  sentence: (name: string) => string,
): Promise<void> {
  const parked: PlannedChange[] = [];
  for (const { anchor, kind, awaits } of light) {
    if (awaits === null || !anchors.has(anchor)) continue;
    const change = await state.changes.find(runId, anchor, kind);
    const message = sentence(change?.awaits?.displayName ?? '');
    if (change !== null) parked.push({ ...change, parked: { code: 'identity.login-taken', message } });
  }
  await state.changes.replace(runId, sync, parked);
}

/** Those of a circle of managers whose reference comes later. A reactivated user has his id already: nobody waits for him. */
async function cutManagers(state: Dependencies['state'], { runId, sync }: RunRef, { cut, later }: WavePlan) {
  const places: { anchor: Anchor; kind: 'update'; wave: number }[] = [];
  for (const anchor of cut) {
    const change =
      (await state.changes.find(runId, anchor, 'create')) ?? (await state.changes.find(runId, anchor, 'recycle'));
    if (change === null) continue;
    const { create, update } = cutManager(change);
    await state.changes.replace(runId, sync, [create]);
    await state.changes.add(runId, sync, [update]);
    places.push({ anchor, kind: 'update', wave: later.get(anchor) ?? 0 });
  }
  return places;
}

/** Those of a circle of logins who get a temporary one: their first part comes before everything, their second in its place. */
async function moveAsides(state: Dependencies['state'], { runId, sync }: RunRef, { moved, waves }: WavePlan) {
  const places: { anchor: Anchor; kind: 'update'; part: number; wave: number }[] = [];
  for (const anchor of moved) {
    const change = await state.changes.find(runId, anchor, 'update');
    const present = change?.before?.['userName'];
    if (change === null || typeof present !== 'string') continue;
    const spares = spareLogins('moving', anchor, present);
    const taken = await state.desired.takenLogins(runId, sync, spares);
    const { aside, final } = moveAside(
      change,
      firstFree(spares, (login) => taken.has(login)),
    );
    await state.changes.replace(runId, sync, [aside]);
    await state.changes.add(runId, sync, [final]);
    places.push({ anchor, kind: 'update', part: 0, wave: 0 });
    places.push({ anchor, kind: 'update', part: 1, wave: waves.get(anchor) ?? 0 });
  }
  return places;
}
