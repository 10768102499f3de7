import type { Anchor } from '../model/entry.ts';
import { externalIdsOf } from '../model/external-ids.ts';
import type { ScimUser } from '../model/user.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/**
 * Genesys users, linked to nobody, who carry these anchors as an external id: from the run's inventory, or, in an
 * approved run, the users whom the approved list adopts, read once more.
 */
export async function carriersOf(
  { genesys, state }: Dependencies,
  { runId, sync, adoptions, signal }: RunRef & { adoptions: Map<Anchor, string>; signal: AbortSignal },
  anchors: Anchor[],
): Promise<Map<Anchor, ScimUser[]>> {
  const carriers = await state.inventory.byKey(runId, anchors);
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  for (const anchor of anchors) {
    const genesysId = adoptions.get(anchor);
    const found = genesysId === undefined ? null : await genesys.get(genesysId, { requests, signal });
    if (found !== null && externalIdsOf(found.user).includes(anchor)) carriers.set(anchor, [found.user]);
  }
  if (requests.read > 0) await state.runs.addRequests(runId, requests);
  for (const [anchor, users] of carriers) {
    const links = await Promise.all(users.map((user) => state.links.byGenesysId(sync, user.id)));
    const free = users.filter((_, index) => links[index] === null);
    if (free.length > 0) carriers.set(anchor, free);
    else carriers.delete(anchor);
  }
  return carriers;
}
