import type { Candidate } from '../model/candidate.ts';
import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { behindGenesys, leftAlready, type CaughtUp } from '../planning/behind.ts';
import { lacksUser } from '../planning/deleted.ts';
import { decide } from '../planning/identity.ts';
import { unlessIgnored } from '../planning/ignored.ts';
import type { SignsOfAge } from '../planning/older-state.ts';
import type { RunNote } from '../state/state.ts';
import type { Tie } from '../state/ties.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { MissingUsers } from './missing-users.ts';
import { contextOf, lookAround, type PlanSoFar } from './surroundings.ts';

export interface DecisionTask extends RunRef {
  /** Whether people missing from the read are leavers (runs on everybody), or only these (runs on few people). */
  anchors: Anchor[] | null;
  /** Genesys users whom an approved batch adopts, by anchor. */
  adoptions: Map<Anchor, string>;
  /** True for a run on one person, which looks for his user by itself. */
  looksUp: boolean;
  /** People whom this very run links by hand. */
  ties: Map<Anchor, Tie>;
  /** Directories whose read is complete. */
  directories: string[];
  inventoryComplete: boolean;
  /** Linked people whose users a run that listed nobody looks up by id: deleted ones are made anew. */
  looked: ReadonlySet<Anchor>;
  /** Missing people who are left alone. */
  resting: Set<Anchor>;
  openMembers: Map<Anchor, ChangeKind[]>;
  /** A dry run takes nothing down about links. */
  dryRun: boolean;
  /** Of a run on one person, for which somebody waits: its looks go ahead of others. */
  urgent: boolean;
  signal: AbortSignal;
}

/** What became of all candidates together. */
export interface Decided {
  /** People for whom nothing is to be done. */
  unchanged: number;
  signs: SignsOfAge;
}

/**
 * Decides on every candidate, page by page, and stores the changes. Creates come first, so that the others know who
 * will be there by the time they are written.
 */
export async function decideCandidates(dependencies: Dependencies, task: DecisionTask): Promise<Decided> {
  const soFar: PlanSoFar = {
    ...{ coming: new Map(), givenLogins: new Set() },
    ...{ rebound: new Set(), retiring: new Set() },
  };
  const decided: Decided = { unchanged: 0, signs: { adopted: 0, behind: 0, retired: 0 } };
  const missing = new MissingUsers(dependencies, task);
  for (const pass of ['create', 'rest'] as const) {
    for await (const page of candidates(dependencies, task)) {
      const due = page.filter(({ anchor, present }) => present || !task.resting.has(anchor));
      const people = (await missing.lookFor(due)).filter(
        (person) => (pass === 'create') === lacksUser(person) && (person.present || !soFar.rebound.has(person.anchor)),
      );
      if (people.length > 0) await decidePage(dependencies, task, people, { soFar, decided });
    }
  }
  return decided;
}

function candidates({ state }: Dependencies, task: DecisionTask): AsyncGenerator<Candidate[]> {
  const { runId, sync, anchors, directories, looked } = task;
  return state.desired.candidates(runId, sync, {
    absent: true,
    directories,
    ...(anchors === null ? {} : { anchors, looked }),
    size: 500,
  });
}

async function decidePage(
  dependencies: Dependencies,
  task: DecisionTask,
  people: Candidate[],
  { soFar, decided }: { soFar: PlanSoFar; decided: Decided },
): Promise<void> {
  const { state } = dependencies;
  const around = await lookAround(dependencies, task, people);
  const changes: PlannedChange[] = [];
  const heldBefore: PlannedChange[] = [];
  const notes: RunNote[] = [];
  const caughtUp: CaughtUp[] = [];
  for (const person of people) {
    const { anchor, dn } = person;
    const context = contextOf(dependencies, person, around, soFar);
    const byTable = decide(person, context);
    const ahead = byTable.change?.kind === 'deactivate' ? leftAlready(person) : null;
    const ignore = task.ties.has(anchor) ? null : (around.ignores.get(anchor) ?? null);
    const decision = unlessIgnored(ahead === null ? byTable : { ...byTable, change: null }, ignore);
    const found = ahead ?? (byTable.change === null ? behindGenesys(person, context.references) : null);
    if (found !== null) caughtUp.push(found);
    for (const note of decision.notes) notes.push({ anchor, dn, severity: 'warning', ...note });
    for (const attribute of decision.drifted)
      notes.push({ anchor, dn, severity: 'warning', attribute, problem: DRIFT });
    if (decision.change === null) decided.unchanged += person.present && person.link !== null ? 1 : 0;
    else {
      const all = parts(decision.change);
      const waits = all.some((change) => isLeftOut(change, task.openMembers));
      (waits ? heldBefore : changes).push(...all);
      takeDown(decision.change, soFar, waits);
    }
    if (isOfOwnMaking(decision.change) && around.carriers.has(anchor)) decided.signs.adopted += 1;
  }
  await state.changes.add(task.runId, task.sync, changes);
  await state.changes.addHeld(task.runId, task.sync, heldBefore);
  await state.runs.addNotes(task.runId, notes);
  decided.signs.behind += caughtUp.length;
  decided.signs.retired += caughtUp.filter(({ retired }) => retired).length;
  if (!task.dryRun) await state.links.catchUp(task.sync, task.runId, caughtUp);
}

/** A change, after the one that makes way for it. */
function parts({ makesWay, ...change }: PlannedChange): PlannedChange[] {
  return makesWay === undefined ? [change] : [makesWay, change];
}

/** An adoption that only a lost link explains, and that mends it. */
function isOfOwnMaking(change: PlannedChange | null): boolean {
  return change?.kind === 'adopt' && change.parked === null && change.heldBecause === null;
}

/**
 * Whether a change is left out because an open batch has its person. Who waits only to be retired for somebody else is
 * deactivated meanwhile like any leaver.
 */
function isLeftOut({ anchor, kind }: PlannedChange, openMembers: DecisionTask['openMembers']): boolean {
  const kinds = openMembers.get(anchor) ?? [];
  return kinds.some((held) => held !== 'recycle' || kind !== 'deactivate');
}

const DRIFT = 'was changed in Genesys Cloud; left as it is (target.drift: report)';

/** Newcomers who are really to come, logins that are given, and users who go on under another anchor. */
function takeDown(change: PlannedChange, soFar: PlanSoFar, heldBefore: boolean): void {
  const { anchor, kind, desired, predecessor, makesWay } = change;
  // Even a rebind that fails, or waits for a person, says that he works here: he is no leaver meanwhile.
  if (kind === 'rebind' && predecessor !== undefined) soFar.rebound.add(predecessor.anchor);
  if (change.parked !== null) return;
  if (desired?.suffix !== undefined) soFar.givenLogins.add(desired.userName.toLowerCase());
  for (const old of [predecessor, makesWay?.predecessor]) if (old?.retirement) soFar.retiring.add(old.genesysId);
  if (heldBefore || change.heldBecause !== null) return;
  if (kind === 'create' || kind === 'recycle') soFar.coming.set(anchor, null);
  if (kind === 'rebind') soFar.coming.set(anchor, change.genesysId);
}
