import { Context } from '@temporalio/activity';
import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { RebindKey } from '../model/run.ts';
import type { DesiredUser, Link } from '../model/user.ts';
import { planned } from '../planning/decision.ts';
import { keyOfEntry, keyOfLink, matchAnchors, type Matches, type Namesakes } from '../planning/rebinding.ts';
import type { References } from '../planning/references.ts';
import { evidenceFor, judge } from '../planning/evidence.ts';
import { ambiguousRebind, anotherPerson } from '../planning/sentences.ts';
import { rebind } from '../planning/succession.ts';
import type { RunRow, State } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';
import { orderChanges } from './order-changes.ts';
import { proveAbsence } from './prove-absence.ts';
import { personKeyPaths } from './surroundings.ts';

/** By what this run, or the one whose batch it carries out, finds people under new anchors; null for all other runs. */
export async function rebindKey(state: State, run: RunRow): Promise<RebindKey | null> {
  if (run.rebindBy !== undefined) return run.rebindBy;
  const batch = run.batch === null ? null : await state.batches.get(run.sync, run.batch);
  return batch === null ? null : ((await state.runs.get(batch.runId))?.rebindBy ?? null);
}

interface RebindTask {
  by: RebindKey;
  /** Directories whose read is complete. */
  directories: string[];
}

/**
 * Plans nothing but rebinds: linked people whom the read lacks are looked for among the entries without a link, by a key
 * that must be one person's on both sides. Nobody else is compared, created or deactivated.
 */
export async function planRebinds(dependencies: Dependencies, run: RunRow, task: RebindTask): Promise<void> {
  const { state } = dependencies;
  const { runId, sync, batch } = run;
  const matches = matchAnchors(await namesakes(state, run, task));
  const held = batch === null ? await state.batches.openMembers(sync) : new Map<Anchor, unknown>();
  for await (const page of state.desired.withoutLink(runId, sync)) {
    const changes = await decidePage(dependencies, run, page, { ...task, matches });
    await state.changes.add(
      runId,
      sync,
      changes.filter(({ anchor }) => !held.has(anchor)),
    );
    await state.changes.addHeld(
      runId,
      sync,
      changes.filter(({ anchor }) => held.has(anchor)),
    );
  }
  await state.runs.setUnchanged(runId, await state.desired.unchanged(runId, sync));
  if (batch !== null) await state.changes.keepOnly(runId, batch);
  await orderChanges(dependencies, { runId, sync });
}

async function namesakes(
  state: State,
  { runId, sync, batch }: RunRow,
  { by, directories }: RebindTask,
): Promise<Map<string, Namesakes>> {
  const byKey = new Map<string, Namesakes>();
  // A run on few people has read these alone: everybody else would seem to be absent.
  const few = batch === null ? undefined : await state.batches.predecessors(batch);
  for await (const links of state.desired.absentLinks(runId, sync, directories, few)) {
    for (const link of links) {
      const key = keyOfLink(link, by);
      if (key !== null) byKey.set(key, { old: [...(byKey.get(key)?.old ?? []), link.anchor], new: [] });
    }
  }
  for await (const page of state.desired.withoutLink(runId, sync)) {
    for (const desired of page) byKey.get(keyOfEntry(desired, by) ?? '')?.new.push(desired.anchor);
  }
  return byKey;
}

async function decidePage(
  dependencies: Dependencies,
  { runId, sync }: RunRow,
  page: DesiredUser[],
  { by, matches }: RebindTask & { matches: Matches },
): Promise<PlannedChange[]> {
  const { state } = dependencies;
  const old = page.flatMap(({ anchor }) => matches.pairs.get(anchor) ?? []);
  const links = await state.links.byAnchor(sync, old);
  const absences = await proveAbsence(dependencies, old, Context.current().cancellationSignal);
  const references = await referencesOf(state, sync, page, matches);
  const changes: PlannedChange[] = [];
  for (const desired of page) {
    const candidate = newcomer(desired);
    const namesakes = matches.ambiguous.get(desired.anchor);
    const link = links.get(matches.pairs.get(desired.anchor) ?? '');
    if (namesakes !== undefined) changes.push(...ambiguous(candidate, by, namesakes));
    if (link === undefined) continue;
    if (absences.get(link.anchor) === 'gone')
      changes.push(...goesOn(dependencies, { candidate, link, by, references }));
    else await noteThere(state, runId, desired);
  }
  return changes;
}

function newcomer(desired: DesiredUser): Candidate & { desired: DesiredUser } {
  const { anchor, directory, dn } = desired;
  const nothing = { hash: null, problems: [], disabledBecause: null, link: null, actual: null, deleted: false };
  return { anchor, directory, dn, desired, present: true, ...nothing };
}

function goesOn(
  { settings }: Dependencies,
  rebound: { candidate: Candidate & { desired: DesiredUser }; link: Link; by: RebindKey; references: References },
): PlannedChange[] {
  const { candidate, link, by, references } = rebound;
  const { anchor, genesysId, displayName, active } = link;
  const person = { via: 'link' as const, anchor, genesysId, displayName, active, entry: 'absent' as const };
  const holder = { ...person, link, user: null };
  const reason = `linked anew by ${by}: no directory has anchor ${anchor} any more`;
  const context = { references, protect: settings.target.protect };
  const { change } = rebind(candidate, candidate.desired, holder, context, reason);
  const seen = evidenceFor(candidate, candidate.desired, link, personKeyPaths(settings));
  const isAnother = judge(seen) === 'another';
  const parked = isAnother ? { code: 'identity.ambiguous', message: anotherPerson(by, holder, seen) } : null;
  return change === null ? [] : [{ ...change, parked: change.parked ?? parked }];
}

function ambiguous(candidate: Candidate, by: RebindKey, count: { old: number; new: number }): PlannedChange[] {
  const parked = { code: 'identity.ambiguous', message: ambiguousRebind(by, count) };
  return [planned(candidate, 'rebind', `several people have one ${by}`, { parked }).change ?? []].flat();
}

/** Who is out of scope has kept his anchor: the entry with his key is somebody else's. */
async function noteThere(state: State, runId: string, { anchor, dn }: DesiredUser): Promise<void> {
  const problem = 'has the key of a linked person whose entry is not proved to be gone; nothing is done';
  await state.runs.addNotes(runId, [{ anchor, dn, severity: 'warning', attribute: 'userName', problem }]);
}

/** Managers have new anchors as well: whoever is matched keeps his Genesys id. */
async function referencesOf(state: State, sync: string, page: DesiredUser[], { pairs }: Matches): Promise<References> {
  const wanted = page.flatMap(({ attributes }) => attributes.flatMap(({ reference }) => reference ?? []));
  const anchors = wanted.map((anchor) => pairs.get(anchor) ?? anchor);
  const links = await state.links.byAnchor(sync, [...new Set(anchors)]);
  return { idOf: (anchor) => links.get(pairs.get(anchor) ?? anchor)?.genesysId ?? null, stillThere: () => true };
}
