import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { Ignore } from '../model/ignore.ts';
import type { Link, ScimUser } from '../model/user.ts';
import { decide, type DecisionContext } from '../planning/identity.ts';
import { unlessIgnored } from '../planning/ignored.ts';
import type { RunNote } from '../state/state.ts';
import { carriersOf } from './carriers.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { proveAbsence, type Absence } from './prove-absence.ts';

export interface DecisionTask extends RunRef {
  /** Whether people missing from the read are leavers (runs on everybody), or only these (runs on few people). */
  anchors: Anchor[] | null;
  /** Genesys users whom an approved batch adopts, by anchor. */
  adoptions: Map<Anchor, string>;
  /** Directories whose read is complete. */
  directories: string[];
  inventoryComplete: boolean;
  /** Leavers whose parked deactivation is not due yet. */
  resting: Set<Anchor>;
  openMembers: Map<Anchor, ChangeKind>;
  signal: AbortSignal;
}

/** What a page of candidates needs to know about other people. */
interface Surroundings {
  absences: Map<Anchor, Absence>;
  holders: Map<string, LoginHolder[]>;
  links: Map<Anchor, Link>;
  carriers: Map<Anchor, ScimUser[]>;
  absentManagers: Set<string>;
  ignores: Map<Anchor, Ignore>;
}

/**
 * Decides on every candidate, page by page, and stores the changes. Creates come first, so that the others know who
 * will be there by the time they are written. Returns the number of people for whom nothing is to be done.
 */
export async function decideCandidates(dependencies: Dependencies, task: DecisionTask): Promise<number> {
  const coming = new Set<Anchor>();
  let unchanged = 0;
  for (const pass of ['create', 'rest'] as const) {
    for await (const page of candidates(dependencies, task)) {
      const people = page.filter(
        ({ anchor, link, present }) =>
          (pass === 'create') === (link === null) && (present || !task.resting.has(anchor)),
      );
      const confirmed = await confirmMissing(dependencies, task, people);
      if (people.length > 0) unchanged += await decidePage(dependencies, task, confirmed, coming);
    }
  }
  return unchanged;
}

/** A listing trails writes: who is not in it is deleted only when a look by id does not find him either. */
async function confirmMissing(
  { genesys, state }: Dependencies,
  task: DecisionTask,
  people: Candidate[],
): Promise<Candidate[]> {
  if (!task.inventoryComplete) return people;
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const confirmed: Candidate[] = [];
  for (const person of people) {
    const missing = person.link !== null && person.actual === null;
    const found = missing ? await genesys.get(person.link?.genesysId ?? '', { requests, signal: task.signal }) : null;
    confirmed.push(found === null ? person : { ...person, actual: found.user });
  }
  if (requests.read > 0) await state.runs.addRequests(task.runId, requests);
  return confirmed;
}

function candidates({ state }: Dependencies, task: DecisionTask): AsyncGenerator<Candidate[]> {
  const { runId, sync, anchors, directories } = task;
  return state.desired.candidates(runId, sync, {
    absent: true,
    directories,
    ...(anchors === null ? {} : { anchors }),
    size: 500,
  });
}

async function decidePage(
  dependencies: Dependencies,
  task: DecisionTask,
  people: Candidate[],
  coming: Set<Anchor>,
): Promise<number> {
  const { state } = dependencies;
  const around = await look(dependencies, task, people);
  const changes: PlannedChange[] = [];
  const heldBefore: PlannedChange[] = [];
  const notes: RunNote[] = [];
  let unchanged = 0;
  for (const person of people) {
    const { anchor, dn } = person;
    const decided = decide(person, contextOf(dependencies, task, person, around, coming));
    const decision = unlessIgnored(decided, around.ignores.get(anchor) ?? null);
    for (const note of decision.notes) notes.push({ anchor, dn, severity: 'warning', ...note });
    for (const attribute of decision.drifted)
      notes.push({ anchor, dn, severity: 'warning', attribute, problem: DRIFT });
    if (decision.change === null) unchanged += person.present && person.link !== null ? 1 : 0;
    else if (task.openMembers.has(anchor)) heldBefore.push(decision.change);
    else {
      changes.push(decision.change);
      if (decision.change.kind === 'create' && decision.change.parked === null) coming.add(anchor);
    }
  }
  await state.changes.add(task.runId, task.sync, changes);
  await state.changes.addHeld(task.runId, task.sync, heldBefore);
  await state.runs.addNotes(task.runId, notes);
  return unchanged;
}

const DRIFT = 'was changed in Genesys Cloud; left as it is (target.drift: report)';

function contextOf(
  { settings }: Dependencies,
  task: DecisionTask,
  person: Candidate,
  around: Surroundings,
  coming: Set<Anchor>,
): DecisionContext {
  const login = person.desired?.userName;
  const holders = login === undefined ? [] : (around.holders.get(login) ?? []);
  return {
    holders: holders.filter((holder) => holder.anchor !== person.anchor),
    sighting: around.absences.get(person.anchor) ?? 'unproved',
    carriers: around.carriers.get(person.anchor) ?? [],
    references: {
      idOf: (anchor) => around.links.get(anchor)?.genesysId ?? onlyId(around.carriers.get(anchor)),
      stillThere: (genesysId) => around.absentManagers.has(genesysId),
    },
    // While newcomers are decided on nobody knows yet who of them will come; the waves put them in order afterwards.
    coming: (anchor) => person.link === null || coming.has(anchor),
    leavers: settings.leavers,
    protect: settings.target.protect,
    drift: settings.target.drift,
    configChanged: person.link !== null && person.link.seenUnder !== settings.hash,
    inventoryComplete: task.inventoryComplete,
  };
}

async function look(dependencies: Dependencies, task: DecisionTask, people: Candidate[]): Promise<Surroundings> {
  const { state } = dependencies;
  const absent = people.filter((person) => !person.present).map((person) => person.anchor);
  const logins = people.flatMap((person) => person.desired?.userName ?? []);
  const unlinked = people.filter((person) => person.link === null).map((person) => person.anchor);
  const wanted = people.flatMap((person) => person.desired?.attributes.flatMap((one) => one.reference ?? []) ?? []);
  return {
    absences: await proveAbsence(dependencies, absent, task.signal),
    holders: await state.desired.holders(task.runId, task.sync, [...new Set(logins)]),
    links: await state.links.byAnchor(task.sync, [...new Set(wanted)]),
    carriers: await carriersOf(dependencies, task, [...new Set([...unlinked, ...wanted])]),
    absentManagers: await absentManagers(dependencies, task, people),
    ignores: await state.ignores.byAnchor(
      task.sync,
      people.map((person) => person.anchor),
    ),
  };
}

/** Genesys ids of managers as last written who are linked, active and not in the read: nobody loses them yet. */
async function absentManagers({ state }: Dependencies, task: DecisionTask, people: Candidate[]): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const person of people) {
    for (const value of Object.values(person.link?.written ?? {})) {
      if (typeof value === 'object' && 'value' in value && typeof value.value === 'string') ids.add(value.value);
    }
  }
  const absent = new Set<string>();
  for (const id of ids) {
    const link = await state.links.byGenesysId(task.sync, id);
    if (link?.active === true && (await state.staging.contains(task.runId, [link.anchor])).size === 0) absent.add(id);
  }
  return absent;
}

function onlyId(users: ScimUser[] | undefined): string | null {
  return users?.length === 1 ? (users[0]?.id ?? null) : null;
}
