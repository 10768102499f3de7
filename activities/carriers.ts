import type { Call } from '../genesys/open.ts';
import type { Candidate } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import { externalIdsOf } from '../model/external-ids.ts';
import type { DesiredUser, ScimUser } from '../model/user.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

interface AdoptionTask extends RunRef {
  /** Genesys users whom an approved batch adopts, by anchor. */
  adoptions: Map<Anchor, string>;
  /** True for a run on one person: nobody has been listed, and two look-ups cost little. */
  looksUp: boolean;
  signal: AbortSignal;
}

/**
 * Of a run that listed nobody the users whom these people may be given: those whom the approved list adopts, read once
 * more, or those found for one person. Whom somebody else was linked to meanwhile is left out.
 */
export async function adoptees(
  { genesys, state }: Dependencies,
  { runId, sync, adoptions, looksUp, signal }: AdoptionTask,
  people: readonly Candidate[],
): Promise<Map<Anchor, ScimUser>> {
  const users = new Map<Anchor, ScimUser>();
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const call: Call = { requests, signal, urgent: looksUp };
  for (const person of people) {
    const genesysId = adoptions.get(person.anchor);
    const approved = genesysId === undefined ? null : await genesys.get(genesysId, call);
    const found = approved?.user ?? (looksUp ? await lookUp(genesys, person, call) : null);
    if (found !== null && (await state.links.byGenesysId(sync, found.id)) === null) users.set(person.anchor, found);
  }
  if (requests.read > 0) await state.runs.addRequests(runId, requests);
  return users;
}

/**
 * An active user who has the person's external id, else one who has his login. The inactive ones would all have to be
 * listed: whoever meets one of them is parked, and left to the next full run.
 */
async function lookUp(
  genesys: Dependencies['genesys'],
  { anchor, desired }: Candidate,
  call: Call,
): Promise<ScimUser | null> {
  if (desired?.active !== true) return null;
  const active = { inactive: false };
  const [named] = await genesys.findByExternalId(externalIdOf(desired) ?? anchor, call, active);
  const found = named ?? (await genesys.findByUserName(desired.userName, call, active))[0];
  // A filter answers with a part of the user.
  return found === undefined ? null : ((await genesys.get(found.id, call))?.user ?? null);
}

/** Genesys users, linked to nobody, who carry these anchors as an external id: from the run's inventory, or approved. */
export async function carriersOf(
  { state }: Dependencies,
  { runId, sync }: RunRef,
  anchors: Anchor[],
  approved: Map<Anchor, ScimUser>,
): Promise<Map<Anchor, ScimUser[]>> {
  const carriers = await unlinkedByKey(state, { runId, sync }, anchors);
  for (const [anchor, user] of approved) {
    if (externalIdsOf(user).includes(anchor)) carriers.set(anchor, [user]);
  }
  return carriers;
}

/** Genesys users, linked to nobody, whose SCIM external id is the one that a person shall have, where that is no anchor. */
export async function namesakesOf(
  { state }: Dependencies,
  ref: RunRef,
  people: readonly Candidate[],
  approved: Map<Anchor, ScimUser>,
): Promise<Map<Anchor, ScimUser[]>> {
  const wanted = new Map(people.map((person) => [person.anchor, wantedExternalId(person)]));
  const keys = [...new Set([...wanted.values()].filter((key) => key !== null))];
  const found = keys.length === 0 ? new Map<string, ScimUser[]>() : await unlinkedByKey(state, ref, keys);
  const namesakes = new Map<Anchor, ScimUser[]>();
  for (const [anchor, key] of wanted) {
    if (key === null) continue;
    // A run knows either the listed users or, without inventory, the approved one.
    const users = found.get(key) ?? [approved.get(anchor) ?? []].flat();
    const named = users.filter((user) => user.externalId?.toLowerCase() === key);
    if (named.length > 0) namesakes.set(anchor, named);
  }
  return namesakes;
}

/** The SCIM external id that a person shall have, in lower case; null where that is the anchor, or nothing. */
export function wantedExternalId({ anchor, desired }: Candidate): string | null {
  const value = (desired === null ? null : externalIdOf(desired))?.toLowerCase() ?? null;
  return value === anchor ? null : value;
}

function externalIdOf({ attributes }: DesiredUser): string | null {
  const value = attributes.find(({ path }) => path === 'externalId')?.value;
  return typeof value === 'string' ? value : null;
}

async function unlinkedByKey(
  state: Dependencies['state'],
  { runId, sync }: RunRef,
  keys: string[],
): Promise<Map<string, ScimUser[]>> {
  const found = await state.inventory.byKey(runId, keys);
  for (const [key, users] of found) {
    const links = await Promise.all(users.map((user) => state.links.byGenesysId(sync, user.id)));
    const free = users.filter((_, index) => links[index] === null);
    if (free.length > 0) found.set(key, free);
    else found.delete(key);
  }
  return found;
}
