import type { Candidate } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import type { TiedUser } from '../planning/identity.ts';
import type { DecisionTask } from './decide-candidates.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The Genesys users to whom these people were tied by hand, read once more. Who was deleted or linked to somebody else
 * since then is left out: the table decides as if nobody had said anything.
 */
export async function tiedUsers(
  { genesys, state }: Dependencies,
  { runId, sync, ties: asked, signal }: DecisionTask,
  people: readonly Candidate[],
): Promise<Map<Anchor, TiedUser>> {
  const anchors = people.map(({ anchor }) => anchor);
  const ties = new Map([...(await state.ties.byAnchor(sync, anchors)), ...asked]);
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const tied = new Map<Anchor, TiedUser>();
  for (const anchor of anchors) {
    const tie = ties.get(anchor);
    if (tie === undefined || (await state.links.byGenesysId(sync, tie.genesysId)) !== null) continue;
    const found = await genesys.get(tie.genesysId, { requests, signal });
    if (found !== null) tied.set(anchor, { user: found.user, reason: tie.reason });
  }
  if (requests.read > 0) await state.runs.addRequests(runId, requests);
  return tied;
}
