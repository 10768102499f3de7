import { ldifEntry, type Attributes } from '../test/support/ldif.ts';

/** The demo's company: 60 people in five units below `ou=People`, with a tree of managers four levels deep. */

export const SUFFIX = 'dc=corp,dc=example';
export const PEOPLE = `ou=People,${SUFFIX}`;

/** One person as the human resources department knows him. */
export interface Person {
  uid: string;
  givenName: string;
  surname: string;
  title: string;
  unit: string;
  /** Null for the managing director. */
  manager: Person | null;
  /** Null: no mailbox yet. */
  mail: string | null;
  telephone: string;
  employeeNumber: string;
}

/** Letters that are no letter with a mark on it, and how German spells its own. */
const SPELLINGS: Record<string, string> = {
  ...{ ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', ø: 'oe', å: 'a', æ: 'ae', ł: 'l', đ: 'd', ı: 'i' },
};

interface Team {
  unit: string;
  /** Name of the lead's own manager; null for the managing director. */
  reportsTo: string | null;
  lead: [name: string, title: string];
  memberTitle: string;
  members: string[];
}

/** Managers stand before those who report to them. */
const TEAMS: Team[] = [
  team('Management', null, ['Ingrid Bergström', 'Managing Director'], 'Assistant', ['Hélène Dubois']),
  team('Customer Care', 'Ingrid Bergström', ['José García', 'Head of Customer Care'], '', []),
  team('Customer Care', 'José García', ['Søren Ångström', 'Team Lead'], 'Service Agent', [
    ...['Zoë Müller', 'Émile Fontaine', 'Thomas Weber', 'Anneliese Groß', 'Mehmet Yılmaz', 'Sinéad Byrne'],
  ]),
  team('Customer Care', 'José García', ["Chloë O'Neill", 'Team Lead'], 'Service Agent', [
    ...['Bärbel Köhler', 'João Gonçalves', 'Katarzyna Nowak', 'Liam Murphy', 'Aïcha Benali', 'Günther Schäfer'],
  ]),
  team('Customer Care', 'José García', ['Fatima Haddad', 'Team Lead'], 'Service Agent', [
    ...['Paweł Dąbrowski', 'Lucía Fernández', 'Nils Sjöberg', 'Ayşe Demir', 'Marie-Claire Rousseau', 'Ben Hartmann'],
  ]),
  team('Technical Support', 'Ingrid Bergström', ['Łukasz Żak', 'Head of Technical Support'], '', []),
  team('Technical Support', 'Łukasz Żak', ['Renée Lefèvre', 'Team Lead'], 'Support Engineer', [
    ...['Piotr Zieliński', 'Ondřej Novák', 'Jürgen Voß', 'Sofía Martínez', 'Mikkel Sørensen', 'Emily Clarke'],
  ]),
  team('Technical Support', 'Łukasz Żak', ['Jörg Weiß', 'Team Lead'], 'Support Engineer', [
    ...['Dragan Petrović', 'Tereza Procházková', 'Björn Lindqvist', 'Noor van Dijk', 'Štěpán Král', 'Andrea Rossi'],
  ]),
  team('Sales', 'Ingrid Bergström', ['Márta Kovács', 'Head of Sales'], '', []),
  team('Sales', 'Márta Kovács', ['Håkon Ødegård', 'Team Lead'], 'Sales Agent', [
    ...['Pia Lehtonen', 'François Lemaître', 'Thomas Weber', 'Grace Taylor', 'István Szabó', 'Carla Ribeiro'],
  ]),
  team('Sales', 'Márta Kovács', ['Giulia Conti', 'Team Lead'], 'Sales Agent', [
    ...['Rasmus Jørgensen', 'Ewa Król', 'Daniel Fuchs', 'Beatriz Araújo', 'Tom de Vries'],
  ]),
  team('Back Office', 'Ingrid Bergström', ['Agnieszka Wójcik', 'Team Lead'], 'Case Handler', [
    ...['Heike Jäger', 'Cédric Moreau', 'Ana Marković', 'Oskar Nyström', 'Ruth Becker', 'Iñaki Etxeberria'],
  ]),
];

/** Everybody, managers first. Dragan Petrović has no mailbox yet; the two Thomas Webers were given the same address. */
export const COMPANY: readonly Person[] = employ(TEAMS);

/** The units in the order of the list above. */
export const UNITS: readonly string[] = [...new Set(TEAMS.map(({ unit }) => unit))];

/** The first of this name. @throws when nobody has it */
export function personNamed(name: string): Person {
  const found = COMPANY.find((person) => fullName(person) === name);
  if (found === undefined) throw new Error(`Nobody in the demo's company is called ${name}.`);
  return found;
}

export function fullName({ givenName, surname }: Pick<Person, 'givenName' | 'surname'>): string {
  return `${givenName} ${surname}`;
}

export function dnOf({ uid, unit }: Pick<Person, 'uid' | 'unit'>): string {
  return `uid=${uid},ou=${unit},${PEOPLE}`;
}

/** The address that a name gives: `Søren Ångström` becomes `soeren.angstroem@corp.example`. */
export function mailOf({ givenName, surname }: Pick<Person, 'givenName' | 'surname'>): string {
  return `${plain(givenName)}.${plain(surname)}@corp.example`;
}

/** First letter and surname, as many a company makes its user names: `Zoë Müller` becomes `zmueller`. */
export function uidOf({ givenName, surname }: Pick<Person, 'givenName' | 'surname'>): string {
  return `${plain(givenName).slice(0, 1)}${plain(surname).replaceAll('-', '')}`;
}

/** The LDAP attributes of a person, of class inetOrgPerson. */
export function attributesOf(person: Person): Attributes {
  const name = fullName(person);
  return {
    objectClass: 'inetOrgPerson',
    uid: person.uid,
    cn: name,
    sn: person.surname,
    givenName: person.givenName,
    displayName: name,
    title: person.title,
    departmentNumber: person.unit,
    employeeNumber: person.employeeNumber,
    telephoneNumber: person.telephone,
    ...(person.mail === null ? {} : { mail: person.mail }),
    ...(person.manager === null ? {} : { manager: dnOf(person.manager) }),
  };
}

/** The whole company as LDIF, its units included; the suffix itself is not. */
export function companyLdif(): string {
  const units = [[PEOPLE, 'People'] as const, ...UNITS.map((unit) => [`ou=${unit},${PEOPLE}`, unit] as const)];
  return [
    ...units.map(([dn, ou]) => ldifEntry(dn, { objectClass: 'organizationalUnit', ou })),
    ...COMPANY.map((person) => ldifEntry(dnOf(person), attributesOf(person))),
  ].join('\n');
}

/** What a newcomer's row holds besides the name: 1001 is the first employee, and his telephone ends in 101. */
export function numbersOf(position: number): Pick<Person, 'telephone' | 'employeeNumber'> {
  // 030 23125 and three digits: numbers that the German regulator keeps free for fiction.
  return { telephone: `030 23125-${101 + position}`, employeeNumber: String(1001 + position) };
}

function team(
  unit: string,
  reportsTo: string | null,
  lead: Team['lead'],
  memberTitle: string,
  members: string[],
): Team {
  return { unit, reportsTo, lead, memberTitle, members };
}

function employ(teams: Team[]): Person[] {
  const people: Person[] = [];
  const hire = (name: string, title: string, unit: string, manager: Person | null): Person => {
    const [givenName = '', ...rest] = name.split(' ');
    const names = { givenName, surname: rest.join(' ') };
    const namesakes = people.filter((other) => fullName(other) === name).length;
    const uid = `${uidOf(names)}${namesakes === 0 ? '' : namesakes + 1}`;
    const mail = name === 'Dragan Petrović' ? null : mailOf(names);
    const person = { ...names, uid, title, unit, manager, mail, ...numbersOf(people.length) };
    people.push(person);
    return person;
  };
  for (const { unit, reportsTo, lead, memberTitle, members } of teams) {
    const manager = people.find((person) => fullName(person) === reportsTo) ?? null;
    const leader = hire(lead[0], lead[1], unit, manager);
    for (const member of members) hire(member, memberTitle, unit, leader);
  }
  return people;
}

function plain(name: string): string {
  const spelled = name.toLowerCase().replace(/[äöüßøåæłđı]/g, (letter) => SPELLINGS[letter] ?? letter);
  return spelled.normalize('NFD').replace(/[^a-z-]/g, '');
}
