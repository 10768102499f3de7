import { ENTERPRISE_USER } from '../../model/scim-path.ts';
import type { Link } from '../../model/user.ts';
import type { RequestLogEntry, SimUser } from '../../simulator/start.ts';
import { addressOf, displayNameOf, works, type Card } from './random-staff.ts';

/** How the sync is configured, as far as it decides about logins. */
export interface Policy {
  onReusedLogin: 'hold' | 'recycle' | 'rebind';
  onTakenLogin: 'park' | 'suffix';
  /** What the SCIM external id is made of; the anchor stands in another one besides. */
  externalId: 'anchor' | 'account';
}

/** What can be seen when a run is over. */
export interface Outcome {
  full: boolean;
  /** Whether a person approved what the run did. */
  approved: boolean;
  cards: readonly Card[];
  before: readonly SimUser[];
  users: readonly SimUser[];
  links: ReadonlyMap<string, Link>;
  parked: ReadonlySet<string>;
  held: ReadonlySet<string>;
  requests: readonly RequestLogEntry[];
}

const PROTECTED = 'admin';

/**
 * Says what is wrong after a run, as sentences. Knows who is behind every entry, and nothing of how a plan is made: only
 * what people and their histories are owed.
 */
export class StaffOracle {
  /** Whose history each Genesys user holds. */
  private readonly owners = new Map<string, number>();
  private readonly policy: Policy;

  constructor(policy: Policy) {
    this.policy = policy;
  }

  faults(outcome: Outcome): string[] {
    return [
      ...this.histories(outcome),
      ...untouched(outcome),
      ...retirements(outcome),
      ...refusals(outcome),
      ...leavers(outcome),
      ...this.doubles(outcome),
      ...inStep(outcome),
      ...(outcome.full ? [...this.unserved(outcome), ...managers(outcome, this.policy)] : []),
    ];
  }

  /** Nobody's history becomes another person's, except where the operator said that such entries are one person's. */
  private histories({ cards, links, users, before }: Outcome): string[] {
    const faults: string[] = [];
    for (const card of cards) {
      const link = links.get(card.anchor);
      if (link === undefined) continue;
      const owner = this.owners.get(link.genesysId) ?? card.person;
      if (owner !== card.person && !this.mayPass(owner, card, cards)) {
        faults.push(`${displayNameOf(card)} has the user ${link.genesysId} of P${owner}`);
      }
      this.owners.set(link.genesysId, card.person);
    }
    for (const { id, displayName } of users) {
      const owner = this.owners.get(id);
      const old = before.find((user) => user.id === id);
      const keeps = old?.displayName === displayName;
      if (owner !== undefined && !keeps && !displayName.startsWith(`P${owner} `)) {
        faults.push(`the user of P${owner} is called ${displayName}`);
      }
    }
    for (const { id, userName, displayName } of users.filter((user) => user.userName.startsWith('retired-'))) {
      const old = before.find((user) => user.id === id);
      if (old !== undefined && old.displayName !== displayName) faults.push(`${userName} lost the name on his records`);
    }
    return faults;
  }

  private mayPass(owner: number, card: Card, cards: readonly Card[]): boolean {
    const unknown = card.number === null || cards.some(({ person, number }) => person === owner && number === null);
    return this.policy.onReusedLogin === 'rebind' && unknown;
  }

  private doubles({ users }: Outcome): string[] {
    const active = new Map<number, number>();
    for (const { id, state } of users) {
      const owner = this.owners.get(id);
      if (owner !== undefined && state === 'active') active.set(owner, (active.get(owner) ?? 0) + 1);
    }
    return [...active].filter(([, count]) => count > 1).map(([person]) => `P${person} has several active users`);
  }

  /** Everybody who works has an active user with his login, or waits for a reason, and somebody is told. */
  private unserved(outcome: Outcome): string[] {
    return outcome.cards.filter(works).flatMap((card) => {
      if (isServed(card, outcome, this.policy)) return [];
      const who = displayNameOf(card);
      if (!this.isExcused(card, outcome)) return [`${who} has no active user with ${loginOf(card)}, for no reason`];
      const told = outcome.parked.has(card.anchor) || outcome.held.has(card.anchor) || isOfAdmin(card, outcome);
      return told ? [] : [`${who} has no active user with ${loginOf(card)}, and nobody is told`];
    });
  }

  /** Who has the external id that a newcomer shall get. */
  private holderOfId({ account }: Card, own: string | undefined, users: readonly SimUser[]): SimUser | undefined {
    if (this.policy.externalId === 'anchor' || own !== undefined) return undefined;
    return users.find(({ externalId }) => externalId === account);
  }

  /** Login and account name are those of two people: nobody is taken out of use for that. */
  private isOfTwo(card: Card, own: string | undefined, users: readonly SimUser[]): boolean {
    const byLogin = users.find(({ id, userName }) => id !== own && userName === loginOf(card));
    const byId = this.holderOfId(card, own, users);
    return byLogin !== undefined && byId !== undefined && byLogin !== byId;
  }

  private isExcused(card: Card, outcome: Outcome): boolean {
    const wanted = loginOf(card);
    if (outcome.held.has(card.anchor)) return true;
    if (outcome.cards.some((other) => other !== card && works(other) && loginOf(other) === wanted)) return true;
    const own = outcome.links.get(card.anchor)?.genesysId;
    const byLogin = outcome.users.find(({ id, userName }) => id !== own && userName === wanted);
    const holder = byLogin ?? this.holderOfId(card, own, outcome.users);
    // What this run frees of what two people had goes to him with the next one.
    if (this.isOfTwo(card, own, outcome.users) || this.isOfTwo(card, own, outcome.before)) return true;
    if (holder === undefined) return false;
    const theirs = outcome.cards.find(({ anchor }) => outcome.links.get(anchor)?.genesysId === holder.id);
    if (theirs === undefined) return isAdmin(holder) || own !== undefined;
    return theirs.exists;
  }
}

function loginOf({ login }: Card): string {
  return login < 0 ? 'resident@corp.example' : addressOf(login);
}

function isServed(card: Card, { links, users }: Outcome, { onTakenLogin }: Policy): boolean {
  const id = links.get(card.anchor)?.genesysId;
  const user = users.find((one) => one.id === id);
  const login = onTakenLogin === 'suffix' ? user?.userName.replace(/_\d+@/, '@') : user?.userName;
  return user?.state === 'active' && login === loginOf(card);
}

function isAdmin({ roles }: SimUser): boolean {
  return roles.some(({ value }) => value === PROTECTED);
}

function isOfAdmin(card: Card, { users }: Outcome): boolean {
  return users.some((user) => isAdmin(user) && user.userName === loginOf(card));
}

/** Nobody is deleted; who is protected or not linked stays exactly as he was. */
function untouched({ before, users, links }: Outcome): string[] {
  const ours = new Set([...links.values()].map(({ genesysId }) => genesysId));
  return before.flatMap((old) => {
    const now = users.find(({ id }) => id === old.id);
    if (now === undefined || (now.state === 'deleted' && old.state !== 'deleted'))
      return [`${old.userName} was deleted`];
    if ((isAdmin(old) || !ours.has(old.id)) && now.version !== old.version) return [`${old.userName} was touched`];
    return [];
  });
}

/** Whose entry is still there, disabled or elsewhere, is not taken out of use for somebody else without a word. */
function retirements({ approved, cards, before, users, links }: Outcome): string[] {
  const retired = users.filter(({ id, userName }) => {
    return userName.startsWith('retired-') && before.find((old) => old.id === id)?.userName !== userName;
  });
  return retired.flatMap(({ id, userName }) => {
    const card = cards.find(({ anchor }) => links.get(anchor)?.genesysId === id);
    return approved || card?.exists !== true ? [] : [`${userName} was retired although he is still there`];
  });
}

/**
 * No request is refused that a run could have known to fail. A delta does not know the users whom nobody manages: who meets
 * one keeps the login that somebody else was to have after him. Nor does it know who has an external id.
 */
function refusals({ requests, full, before, links }: Outcome): string[] {
  const ours = new Set([...links.values()].map(({ genesysId }) => genesysId));
  // Whoever is taken over by this very run was a stranger before it, and not yet called after a person.
  const isStranger = ({ id, displayName }: SimUser): boolean => !ours.has(id) || !displayName.startsWith('P');
  const strangers = before.filter(isStranger).map(({ userName }) => userName);
  const faults: string[] = [];
  let met = false;
  for (const { method, status, body } of requests) {
    const sent = JSON.stringify(body);
    if (method === 'DELETE') faults.push('a DELETE was sent');
    if (method === 'GET' || status === null || status < 400) continue;
    const { externalId } = body as { externalId?: string };
    met ||= strangers.some((login) => sent.includes(`"${login}"`));
    met ||= externalId !== undefined && before.some((user) => user.externalId === externalId);
    if (full || status !== 409 || !met) faults.push(`${method} answered ${status}: ${sent}`);
  }
  return faults;
}

/** Who may not work has no active user. */
function leavers({ cards, users, links, held, parked }: Outcome): string[] {
  return cards.flatMap((card) => {
    const { exists, enabled, inScope, anchor } = card;
    const link = links.get(anchor);
    if (link === undefined || (exists && enabled && inScope)) return [];
    const user = users.find(({ id }) => id === link.genesysId);
    if (user?.state !== 'active' || held.has(anchor) || waitsForRebind(card, cards, { held, parked })) return [];
    return [`${displayNameOf(card)} may not work and is active`];
  });
}

/** Somebody whose rebind waits for approval, or is parked since others want his login too, is left alone meanwhile. */
function waitsForRebind(
  card: Card,
  cards: readonly Card[],
  { held, parked }: Pick<Outcome, 'held' | 'parked'>,
): boolean {
  const isHe = (other: Card): boolean => other.person === card.person && works(other) && parked.has(other.anchor);
  const rivals = cards.filter((other) => other !== card && loginOf(other) === loginOf(card));
  return rivals.some((other) => held.has(other.anchor) || isHe(other));
}

/** What state says about a user is true. */
function inStep({ links, users }: Outcome): string[] {
  return [...links.values()].flatMap(({ genesysId, userName, active }) => {
    const user = users.find(({ id }) => id === genesysId);
    if (user?.userName !== userName) return [`state says ${userName} of ${user?.userName}`];
    return active === (user.state === 'active') ? [] : [`state says that ${userName} is ${active ? '' : 'in'}active`];
  });
}

function managers(outcome: Outcome, policy: Policy): string[] {
  const { cards, links, users } = outcome;
  const served = cards.filter((card) => works(card) && isServed(card, outcome, policy));
  return served.flatMap((card) => {
    const boss = served.find(({ anchor }) => anchor === card.boss && anchor !== card.anchor);
    if (boss === undefined) return [];
    const user = users.find(({ id }) => id === links.get(card.anchor)?.genesysId);
    const id = links.get(boss.anchor)?.genesysId;
    return user?.manager === id ? [] : [`${ENTERPRISE_USER}:manager of ${displayNameOf(card)} is not his manager`];
  });
}
