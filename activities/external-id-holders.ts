import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import { wantedExternalId } from './carriers.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/**
 * Linked users who have the external id that somebody without a link shall get, where that is not the anchor: ids are
 * unique, as logins are. Known to runs that listed the users, and of an approved batch those from whom it takes.
 */
export async function externalIdHolders(
  { state }: Dependencies,
  { runId, sync }: RunRef,
  unlinked: readonly Candidate[],
): Promise<Map<Anchor, LoginHolder[]>> {
  const wanted = new Map<Anchor, string>();
  for (const person of unlinked) {
    const key = wantedExternalId(person);
    if (key !== null) wanted.set(person.anchor, key);
  }
  const holders = new Map<Anchor, LoginHolder[]>();
  if (wanted.size === 0) return holders;
  const owners = await ownersOf(state, { runId, sync }, [...new Set(wanted.values())]);
  const known = await state.desired.holdersById(runId, sync, [...owners.keys()]);
  for (const [anchor, key] of wanted) {
    const found = known.filter(({ genesysId }) => genesysId !== null && owners.get(genesysId) === key);
    if (found.length > 0) holders.set(anchor, found);
  }
  return holders;
}

/** External ids, in lower case, by the Genesys id of who has them. */
async function ownersOf(state: Dependencies['state'], ref: RunRef, keys: string[]): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const [key, users] of await state.inventory.byKey(ref.runId, keys)) {
    for (const { id, externalId } of users) if (externalId?.toLowerCase() === key) owners.set(id, key);
  }
  const batch = (await state.runs.get(ref.runId))?.batch ?? null;
  const anchors = batch === null ? [] : await state.batches.predecessors(batch);
  for (const { genesysId, written } of (await state.links.byAnchor(ref.sync, anchors)).values()) {
    const id = written['externalId'];
    if (typeof id === 'string' && keys.includes(id.toLowerCase())) owners.set(genesysId, id.toLowerCase());
  }
  return owners;
}
