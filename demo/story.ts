import type { ChangeKind } from '../model/change.ts';
import {
  attributesOf,
  COMPANY,
  dnOf,
  fullName,
  mailOf,
  numbersOf,
  personNamed,
  uidOf,
  UNITS,
  type Person,
} from './company.ts';
import type { DirectoryChange } from './directory-changes.ts';

/** What happens in the company after the first run, and what Rollcall is expected to make of it. */

export interface Happening {
  title: string;
  /** What administrators do in the directory. */
  changes: DirectoryChange[];
  expected: {
    kind: ChangeKind;
    /** The person's login before, where he had one: by it the demo finds out that he stayed the same user. */
    loginBefore: string | null;
    /** The Genesys user afterwards. */
    user: ExpectedUser;
  };
}

export interface ExpectedUser {
  userName: string;
  displayName: string;
  title: string;
  department: string;
  /** Display name. */
  manager: string | null;
  state: 'active' | 'inactive';
}

/** People whom the first run must park: without an address, or with the same one as somebody else. */
export const PARKED_AT_FIRST: readonly Person[] = COMPANY.filter(
  ({ mail }) => mail === null || COMPANY.filter((other) => other.mail === mail).length > 1,
);

/** Those of them who must stay parked to the end: nobody has settled whose address it is. */
export const PARKED_AT_LAST: readonly Person[] = PARKED_AT_FIRST.filter(({ mail }) => mail !== null);

/** How ppolicy spells "locked for good by an administrator" (draft-behera-ldap-password-policy, section 5.3.3). */
const LOCKED_FOR_GOOD = '000001010000Z';

/** One morning's changes. */
export const MORNING: readonly Happening[] = [
  marriage(personNamed('Zoë Müller'), 'Brandt'),
  move(personNamed('Émile Fontaine'), personNamed('Giulia Conti'), 'Sales Agent'),
  newHire('Inés', 'Núñez', personNamed('Jörg Weiß'), 'Support Engineer'),
  leaver(personNamed('Piotr Zieliński')),
  locked(personNamed('Bärbel Köhler')),
  mailbox(personNamed('Dragan Petrović')),
];

/** Somebody whom the morning has made inactive comes back. */
export const RETURN: Happening = unlocked(personNamed('Bärbel Köhler'));

/** `Customer Care 24, Technical Support 15, ...` */
export function unitSizes(): string {
  return UNITS.map((unit) => `${unit} ${COMPANY.filter((person) => person.unit === unit).length}`).join(', ');
}

function marriage(person: Person, surname: string): Happening {
  const named = { ...person, surname };
  const married: Person = { ...named, uid: uidOf(named), mail: mailOf(named) };
  const values = { sn: surname, cn: fullName(married), displayName: fullName(married), mail: mailOf(married) };
  return {
    title: `A marriage: ${fullName(person)} becomes ${fullName(married)}; her address, which is her login, follows`,
    changes: [
      { do: 'set', dn: dnOf(person), values },
      { do: 'rename', dn: dnOf(person), to: dnOf(married) },
    ],
    expected: { kind: 'update', loginBefore: person.mail, user: userOf(married) },
  };
}

function move(person: Person, manager: Person, title: string): Happening {
  const moved: Person = { ...person, unit: manager.unit, manager, title };
  const values = { departmentNumber: moved.unit, title, manager: dnOf(manager) };
  return {
    title: `A move: ${fullName(person)} goes from ${person.unit} to ${moved.unit}, into the team of ${fullName(manager)}`,
    changes: [
      { do: 'set', dn: dnOf(person), values },
      { do: 'rename', dn: dnOf(person), to: dnOf(moved) },
    ],
    expected: { kind: 'update', loginBefore: person.mail, user: userOf(moved) },
  };
}

function newHire(givenName: string, surname: string, manager: Person, title: string): Happening {
  const names = { givenName, surname };
  const post = { title, unit: manager.unit, manager };
  const person: Person = { ...names, ...post, uid: uidOf(names), mail: mailOf(names), ...numbersOf(COMPANY.length) };
  return {
    title: `A new hire: ${fullName(person)} starts in ${person.unit}`,
    changes: [{ do: 'add', dn: dnOf(person), attributes: attributesOf(person) }],
    expected: { kind: 'create', loginBefore: null, user: userOf(person) },
  };
}

function leaver(person: Person): Happening {
  return {
    title: `A leaver: the entry of ${fullName(person)} is deleted`,
    changes: [{ do: 'delete', dn: dnOf(person) }],
    expected: { kind: 'deactivate', loginBefore: person.mail, user: userOf(person, 'inactive') },
  };
}

function locked(person: Person): Happening {
  return {
    title: `A locked account: an administrator disables ${fullName(person)}, whose entry stays`,
    changes: [{ do: 'set', dn: dnOf(person), values: { pwdAccountLockedTime: LOCKED_FOR_GOOD } }],
    expected: { kind: 'deactivate', loginBefore: person.mail, user: userOf(person, 'inactive') },
  };
}

function unlocked(person: Person): Happening {
  return {
    title: `A return: ${fullName(person)} is back, and her account is unlocked`,
    changes: [{ do: 'clear', dn: dnOf(person), attribute: 'pwdAccountLockedTime' }],
    expected: { kind: 'reactivate', loginBefore: person.mail, user: userOf(person) },
  };
}

function mailbox(person: Person): Happening {
  const reachable: Person = { ...person, mail: mailOf(person) };
  return {
    title: `A correction: ${fullName(person)}, parked so far, gets his mailbox`,
    changes: [{ do: 'set', dn: dnOf(person), values: { mail: mailOf(person) } }],
    expected: { kind: 'create', loginBefore: null, user: userOf(reachable) },
  };
}

function userOf(person: Person, state: ExpectedUser['state'] = 'active'): ExpectedUser {
  return {
    userName: person.mail ?? '',
    displayName: fullName(person),
    title: person.title,
    department: person.unit,
    manager: person.manager === null ? null : fullName(person.manager),
    state,
  };
}
