import { readPath } from '../mapping/scim-names.ts';
import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import type { Ignore } from '../model/ignore.ts';
import { formatPath } from '../model/scim-path.ts';
import type { Settings } from '../model/settings.ts';
import type { Link, ScimUser } from '../model/user.ts';
import { lacksUser } from '../planning/deleted.ts';
import type { DecisionContext, TiedUser } from '../planning/identity.ts';
import { spareLogins } from '../planning/spare-login.ts';
import { suffixedLogins } from '../planning/suffix.ts';
import { absentManagers } from './absent-managers.ts';
import { adoptees, carriersOf, namesakesOf } from './carriers.ts';
import type { DecisionTask } from './decide-candidates.ts';
import { tiedUsers } from './tied-users.ts';
import type { Dependencies } from './dependencies.ts';
import { externalIdHolders } from './external-id-holders.ts';
import { proveAbsence, type Absence } from './prove-absence.ts';

/** What a page of candidates needs to know about other people. */
export interface Surroundings {
  absences: Map<Anchor, Absence>;
  /** By login in lower case. */
  holders: Map<string, LoginHolder[]>;
  /** Who has the external id that somebody shall get. */
  idHolders: Map<Anchor, LoginHolder[]>;
  /** Logins, in lower case, out of those that somebody may be given instead of his own. */
  taken: Set<string>;
  links: Map<Anchor, Link>;
  carriers: Map<Anchor, ScimUser[]>;
  namesakes: Map<Anchor, ScimUser[]>;
  /** Users to whom people of the page were tied by hand. */
  tied: Map<Anchor, TiedUser>;
  absentManagers: Set<string>;
  /** Genesys ids of accounts that creates for people of the page brought back to life. */
  revived: Set<string>;
  ignores: Map<Anchor, Ignore>;
}

/** What earlier decisions of this plan mean for later ones. */
export interface PlanSoFar {
  /** Who will be there when the others are written, with his Genesys id where he has one already. */
  coming: Map<Anchor, string | null>;
  /** Numbered logins given away. */
  givenLogins: Set<string>;
  /** People whose user goes on under another anchor. */
  rebound: Set<Anchor>;
  /** Genesys ids of users who are retired for somebody. */
  retiring: Set<string>;
}

/** Looks up everything that the decisions on a page of candidates need. */
export async function lookAround(
  dependencies: Dependencies,
  task: DecisionTask,
  people: Candidate[],
): Promise<Surroundings> {
  const { state, settings } = dependencies;
  const absent = people.filter((person) => !person.present).map((person) => person.anchor);
  const lacking = people.filter(lacksUser);
  const wanted = people.flatMap((person) => person.desired?.attributes.flatMap((one) => one.reference ?? []) ?? []);
  const approved = await adoptees(dependencies, task, lacking);
  const holders = await holdersOf(dependencies, task, people, approved);
  const idHolders = await externalIdHolders(dependencies, task, lacking);
  const all = [...holders.values(), ...idHolders.values()].flat();
  const unread = all.flatMap((one) => (one.entry === 'absent' ? (one.anchor ?? []) : []));
  const anchors = [...new Set([...lacking.map(({ anchor }) => anchor), ...wanted])];
  return {
    absences: await proveAbsence(dependencies, [...new Set([...absent, ...unread])], task.signal),
    holders,
    idHolders,
    taken: await state.desired.takenLogins(task.runId, task.sync, sparesFor(settings, people, { holders, idHolders })),
    links: await state.links.byAnchor(task.sync, [...new Set(wanted)]),
    carriers: await carriersOf(dependencies, task, anchors, approved),
    namesakes: await namesakesOf(dependencies, task, lacking, approved),
    tied: await tiedUsers(
      dependencies,
      task,
      people.filter(({ link }) => link === null),
    ),
    absentManagers: await absentManagers(
      dependencies,
      task,
      people.flatMap(({ link }) => link ?? []),
    ),
    revived: await state.audit.revived(
      task.sync,
      lacking.map(({ anchor }) => anchor),
    ),
    ignores: await state.ignores.byAnchor(
      task.sync,
      people.map((person) => person.anchor),
    ),
  };
}

/** What one person's decision needs to know, out of what was looked up for the page. */
export function contextOf(
  { settings }: Dependencies,
  person: Candidate,
  around: Surroundings,
  soFar: PlanSoFar,
): DecisionContext {
  const tied = around.tied.get(person.anchor);
  return {
    holders: holdersFor(person, around)
      .filter((holder) => holder.anchor !== person.anchor)
      .map((holder) => (soFar.retiring.has(holder.genesysId ?? '') ? givesAllAway(holder) : holder)),
    sighting: around.absences.get(person.anchor) ?? 'unproved',
    sightingOf: (anchor) => around.absences.get(anchor) ?? 'unproved',
    isTaken: (login) => around.taken.has(login) || soFar.givenLogins.has(login),
    carriers: tied === undefined ? (around.carriers.get(person.anchor) ?? []) : [tied.user],
    ...(tied === undefined ? {} : { tied }),
    namesakes: around.namesakes.get(person.anchor) ?? [],
    references: {
      idOf: (anchor) =>
        around.links.get(anchor)?.genesysId ?? onlyId(around.carriers.get(anchor)) ?? soFar.coming.get(anchor) ?? null,
      stillThere: (genesysId) => around.absentManagers.has(genesysId),
    },
    // While newcomers are decided on nobody knows yet who of them will come; the waves put them in order afterwards.
    coming: (anchor) => lacksUser(person) || soFar.coming.has(anchor),
    leavers: settings.leavers,
    identity: { ...settings.identity, personKey: personKeyPaths(settings) },
    protect: settings.target.protect,
    drift: settings.target.drift,
    configChanged: person.link !== null && person.link.seenUnder !== settings.hash,
    revived: around.revived,
  };
}

/** Whoever is retired in this plan, for whomever, gives his login and his external ids away: nobody has to retire him again. */
function givesAllAway(holder: LoginHolder): LoginHolder {
  return { ...holder, entry: 'leaves', retires: true };
}

/** The person key as SCIM paths: the configuration may use the mapping's short names. */
export function personKeyPaths({ identity }: Settings): string[] {
  return identity.personKey.map((name) => {
    const path = readPath(name);
    return path === null ? name : formatPath(path);
  });
}

/** A run without inventory knows of unlinked users only those whom its approved batch takes over. */
async function holdersOf(
  { state }: Dependencies,
  task: DecisionTask,
  people: Candidate[],
  approved: Map<Anchor, ScimUser>,
): Promise<Map<string, LoginHolder[]>> {
  const logins = people.flatMap((person) => person.desired?.userName ?? []);
  const holders = await state.desired.holders(task.runId, task.sync, [...new Set(logins)]);
  if (task.inventoryComplete) return holders;
  for (const user of approved.values()) {
    const login = user.userName.toLowerCase();
    const { id: genesysId, displayName = '', active } = user;
    const holder = { via: 'inventory' as const, anchor: null, genesysId, displayName, active, entry: null, link: null };
    holders.set(login, [...(holders.get(login) ?? []), { ...holder, user }]);
  }
  return holders;
}

type Holders = Pick<Surroundings, 'holders' | 'idHolders'>;

function holdersFor({ anchor, desired }: Candidate, { holders, idHolders }: Holders): LoginHolder[] {
  if (desired === null) return [];
  return [...(holders.get(desired.userName.toLowerCase()) ?? []), ...(idHolders.get(anchor) ?? [])];
}

/** Logins that the decisions may have to give instead of those that are taken. */
function sparesFor(settings: Settings, people: Candidate[], holders: Holders): string[] {
  return people.flatMap((person) => {
    const others = holdersFor(person, holders).filter(({ anchor }) => anchor !== person.anchor);
    if (person.desired === null || others.length === 0) return [];
    const numbered = settings.identity.onTakenLogin === 'suffix' ? suffixedLogins(person.desired) : [];
    const links = others.flatMap(({ link }) => link ?? []);
    return [...numbered, ...links.flatMap(({ anchor, userName }) => spareLogins('retired', anchor, userName))];
  });
}

function onlyId(users: ScimUser[] | undefined): string | null {
  return users?.length === 1 ? (users[0]?.id ?? null) : null;
}
