import fc from 'fast-check';
import type { Entry, Sighting } from '../../model/entry.ts';
import { anchorOf } from './state.ts';

/**
 * What can happen to the people of a directory between two runs; `who` counts everybody who ever joined, around. Who is
 * replaced leaves, and a newcomer gets his login.
 */
export type Event =
  | { does: 'join'; login: number; hasNumber: boolean }
  | { does: 'marry'; who: number; login: number }
  | { does: 'be replaced'; who: number; hasNumber: boolean }
  | { does: 'swap logins'; who: number; with: number }
  | { does: 'report to'; who: number; boss: number }
  | { does: Toggle; who: number };
type Toggle = (typeof TOGGLES)[number];

/** `leave` takes the entry away; `come back` gives it again, `come back anew` under another anchor, also while it is there. */
const TOGGLES = [
  'leave',
  'come back',
  'come back anew',
  'be disabled or enabled',
  'move in or out',
  'lose or regain the mail',
  'change the title',
] as const;

/** Few logins for many people, so that they meet. */
const LOGINS = ['ann', 'bob', 'cem', 'dee', 'eva'];
const MAIL_DOMAIN = 'corp.example';
const index = fc.nat({ max: 5 });
const login = fc.nat({ max: LOGINS.length - 1 });

export const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('join' as const), login, hasNumber: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('marry' as const), who: index, login }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('be replaced' as const), who: index, hasNumber: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('swap logins' as const), who: index, with: index }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('report to' as const), who: index, boss: index }) },
  { weight: 7, arbitrary: fc.record({ does: fc.constantFrom(...TOGGLES), who: index }) },
);

export function addressOf(name: number): string {
  return `${LOGINS[name] ?? ''}@${MAIL_DOMAIN}`;
}

/** One entry, and who is behind it: what no directory says. */
export interface Card {
  /** The human being; keeps his number whatever becomes of his entries. */
  person: number;
  anchor: string;
  login: number;
  /** Name of the account: given again to whoever takes his place, and unique among those who are there. */
  account: string;
  number: string | null;
  /** Counts surnames. */
  name: number;
  title: number;
  boss: string | null;
  hasMail: boolean;
  enabled: boolean;
  inScope: boolean;
  /** False when there is no such entry (any more). */
  exists: boolean;
  stamp: number;
}

/** True for somebody who may work and whose entry can be used. */
export function works({ exists, enabled, inScope, hasMail }: Card): boolean {
  return exists && enabled && inScope && hasMail;
}

/** A directory whose people come, go, marry and come back; one of them never changes, so that no read is empty. */
export class RandomStaff {
  readonly cards: Card[] = [];
  private readonly latest: Card[] = [];
  private clock = 0;

  constructor() {
    this.add({ person: 0, login: -1, account: 'account0', number: '1000' });
  }

  happen(event: Event): void {
    this.clock += 1;
    if (event.does === 'join') {
      this.join(event.login, event.hasNumber);
      return;
    }
    const card = this.card(event.who);
    if (card === null) return;
    if (event.does === 'be replaced') this.replace(card, event.hasNumber);
    else if (event.does === 'swap logins') this.swap(card, this.card(event.with));
    else if (event.does === 'report to') card.boss = this.card(event.boss)?.anchor ?? null;
    else if (event.does === 'marry') Object.assign(card, { login: event.login, name: card.name + 1 });
    else this.toggle(card, event.does);
    card.stamp = this.clock;
  }

  entries(anchors?: readonly string[]): Entry[] {
    const read = this.cards.filter(({ exists, inScope }) => exists && inScope);
    return read.filter(({ anchor }) => anchors?.includes(anchor) ?? true).map(entryOf);
  }

  sightings(anchors: readonly string[]): Sighting[] {
    return this.cards
      .filter(({ exists, anchor }) => exists && anchors.includes(anchor))
      .map((card) => ({ anchor: card.anchor, directory: 'corp-ad', dn: dnOf(card), inScope: card.inScope }));
  }

  private card(who: number): Card | null {
    const others = this.latest.slice(1);
    return others[who % Math.max(1, others.length)] ?? null;
  }

  private join(name: number, hasNumber: boolean, account?: string): void {
    const person = this.latest.length;
    const number = hasNumber ? `${1000 + person}` : null;
    this.add({ person, login: name, number, account: account ?? `account${person}` });
  }

  private replace(card: Card, hasNumber: boolean): void {
    card.exists = false;
    this.join(card.login, hasNumber, this.free(card.account));
  }

  private swap(one: Card, other: Card | null): void {
    if (other === null) return;
    [one.login, other.login] = [other.login, one.login];
    other.stamp = this.clock;
  }

  private toggle(card: Card, does: Toggle): void {
    if (does === 'leave') card.exists = false;
    else if (does === 'come back') this.restore(card);
    else if (does === 'come back anew') this.renew(card);
    else if (does === 'be disabled or enabled') card.enabled = !card.enabled;
    else if (does === 'move in or out') card.inScope = !card.inScope;
    else if (does === 'lose or regain the mail') card.hasMail = !card.hasMail;
    else card.title += 1;
  }

  private restore(card: Card): void {
    if (!card.exists) card.account = this.free(card.account);
    card.exists = true;
  }

  private free(account: string): string {
    const taken = this.cards.some((other) => other.exists && other.account === account);
    return taken ? `${account}-${this.clock}` : account;
  }

  /** The same person under another anchor. */
  private renew(card: Card): void {
    card.exists = false;
    const { person, login: name, account, number, name: surname, title } = card;
    this.add({ person, login: name, account: this.free(account), number, name: surname, title });
  }

  private add(who: Pick<Card, 'person' | 'login' | 'account' | 'number'> & Partial<Card>): void {
    const blank = { name: 0, title: 0, boss: null, hasMail: true, enabled: true, inScope: true, exists: true };
    // Anchors in no order of joining, since the lower one goes first.
    const place = (this.cards.length * 7 + 3) % 97;
    const anchor = `${(0x0a000000 + place).toString(16).padStart(8, '0')}${anchorOf(place).slice(8)}`;
    const card = { ...blank, ...who, anchor, stamp: this.clock };
    this.cards.push(card);
    this.latest[card.person] = card;
  }
}

function dnOf({ anchor }: Card): string {
  return `uid=${anchor.slice(0, 8)},ou=Agents,dc=corp,dc=example`;
}

/** As the directory room hands it over. */
function entryOf(card: Card): Entry {
  const { anchor, person, login: name, account, number, title, boss, hasMail, enabled, stamp } = card;
  const mail = name < 0 ? `resident@${MAIL_DOMAIN}` : addressOf(name);
  return {
    directory: 'corp-ad',
    vendor: 'openldap',
    anchor,
    dn: dnOf(card),
    dnKey: dnOf(card).toLowerCase(),
    stamp: String(stamp),
    stampScope: '',
    enabled,
    disabledBecause: enabled ? null : 'pwdAccountLockedTime says disabled',
    dueAt: null,
    attributes: {
      ...(hasMail ? { mail: [mail] } : {}),
      uid: [account],
      displayname: [displayNameOf(card)],
      title: [`Title ${title}`],
      telephonenumber: [`+4930901820${10 + person}`],
      ...(number === null ? {} : { employeenumber: [number] }),
      ...(boss === null ? {} : { manager: [dnOf({ ...card, anchor: boss })] }),
    },
  };
}

/** Says who he is, and so whose history a Genesys user holds. */
export function displayNameOf({ person, name }: Pick<Card, 'person' | 'name'>): string {
  return `P${person} Surname${name}`;
}
