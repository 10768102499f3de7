import { Attribute, Change, type Client } from 'ldapts';
import { type Attributes, ldifEntry } from './ldif.ts';
import { type Samba, startSamba } from './samba.ts';
import { type Slapd, type SlapdOptions, startSlapd } from './slapd.ts';

/** Somebody to be put into a directory. */
export interface Colleague {
  /** Local part of the login, and the value of the RDN. */
  login: string;
  name: string;
  title?: string;
  department?: string;
  number?: string;
  phone?: string;
  /** Local part of a mail address that is not the login. */
  alias?: string;
  /** `login` of the manager, who stands before in the list. */
  manager?: string;
  /** Further attributes, in the directory's own words. */
  more?: Attributes;
}

/** What both families of servers can do to people; attribute names are the directory's own. */
export interface StaffDirectory {
  vendor: 'ad' | 'openldap';
  suffix: string;
  /** What this directory calls the attribute that the login comes from, and so on. */
  words: { login: string; department: string; number: string };
  /** The `directories` entry that reads these bases. */
  configuration(bases: string[], more?: Record<string, unknown>): Record<string, unknown>;
  /** Makes a unit below the suffix or another unit and returns its DN. */
  unit(name: string, parent?: string): Promise<string>;
  add(unit: string, people: readonly Colleague[]): Promise<void>;
  dn(login: string, unit: string): string;
  /** Sets attributes; null or an empty list takes one away. */
  change(dn: string, values: Record<string, string | string[] | null>): Promise<void>;
  /** Moves an entry below another unit. */
  move(dn: string, unit: string): Promise<void>;
  remove(dn: string): Promise<void>;
  /** Disables somebody the way an administrator does it there, or lifts that. */
  setEnabled(dn: string, enabled: boolean): Promise<void>;
  asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export const MAIL_DOMAIN = 'corp.example';

export interface OpenLdapStaff extends StaffDirectory {
  slapd: Slapd;
  /** The same as `add`, offline: thousands a second; the server is down meanwhile. */
  load(unit: string, people: readonly Colleague[]): Promise<void>;
}

/** An OpenLDAP with AD's attributes besides its own. */
export async function startOpenLdapStaff(options: SlapdOptions = {}): Promise<OpenLdapStaff> {
  const slapd = await startSlapd({ msuser: true, ...options });
  const dn = (login: string, unit: string): string => `uid=${login},${unit}`;
  const directory = staffDirectory(slapd.suffix, slapd.asAdmin);
  return {
    ...directory,
    slapd,
    vendor: 'openldap',
    words: { login: 'mail', department: 'departmentNumber', number: 'employeeNumber' },
    dn,
    configuration: (bases, more = {}) => ({
      name: 'corp-ldap',
      urls: [slapd.ldapsUrl],
      tls: { caFile: slapd.authority.certFile },
      bindDn: slapd.reader.dn,
      bindPassword: slapd.reader.password,
      bases,
      ...more,
    }),
    add: (unit, people) =>
      slapd.asAdmin(async (client) => {
        for (const person of people) await client.add(dn(person.login, unit), openLdapAttributes(person, unit, dn));
      }),
    load: (unit, people) =>
      slapd.load(
        people.map((person) => ldifEntry(dn(person.login, unit), openLdapAttributes(person, unit, dn))).join('\n'),
      ),
    setEnabled: (entry, enabled) => directory.change(entry, { pwdAccountLockedTime: enabled ? null : '000001010000Z' }),
    stop: slapd.stop,
  };
}

/** A Samba domain controller. */
export async function startAdStaff(): Promise<StaffDirectory & { samba: Samba }> {
  const samba = await startSamba();
  const dn = (login: string, unit: string): string => `CN=${login},${unit}`;
  const directory = staffDirectory(samba.suffix, samba.asAdmin);
  return {
    ...directory,
    samba,
    vendor: 'ad',
    words: { login: 'userPrincipalName', department: 'department', number: 'employeeID' },
    dn,
    configuration: (bases, more = {}) => ({
      name: 'corp-ad',
      urls: [samba.url],
      tls: { caFile: samba.authority.certFile },
      bindDn: samba.reader.dn,
      bindPassword: samba.reader.password,
      bases,
      ...more,
    }),
    add: (unit, people) =>
      samba.load(people.map((person) => ldifEntry(dn(person.login, unit), adAttributes(person, unit, dn))).join('\n')),
    setEnabled: (entry, enabled) => directory.change(entry, { userAccountControl: enabled ? '66080' : '66082' }),
    stop: samba.stop,
  };
}

function staffDirectory(suffix: string, asAdmin: StaffDirectory['asAdmin']) {
  return {
    suffix,
    asAdmin,
    unit: async (name: string, parent = suffix): Promise<string> => {
      const unit = `ou=${name},${parent}`;
      await asAdmin((client) => client.add(unit, { objectClass: 'organizationalUnit', ou: name }));
      return unit;
    },
    change: (dn: string, values: Record<string, string | string[] | null>): Promise<void> =>
      asAdmin((client) => client.modify(dn, Object.entries(values).map(replacement))),
    move: (dn: string, unit: string): Promise<void> =>
      asAdmin((client) => client.modifyDN(dn, `${dn.slice(0, dn.indexOf(','))},${unit}`)),
    remove: (dn: string): Promise<void> => asAdmin((client) => client.del(dn)),
  };
}

/** A replacement by nothing is a removal, whether or not there was a value (RFC 4511, 4.6). */
function replacement([type, value]: [string, string | string[] | null]): Change {
  const values = value === null ? [] : [value].flat();
  return new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
}

type DnOf = StaffDirectory['dn'];

function openLdapAttributes(person: Colleague, unit: string, dn: DnOf): Attributes {
  const { login, alias, number, department, more = {} } = person;
  const address = `${login}@${MAIL_DOMAIN}`;
  return {
    objectClass: ['inetOrgPerson', 'extensibleObject'],
    uid: login,
    cn: person.name,
    sn: person.name,
    ...(alias === undefined ? { mail: address } : { userPrincipalName: address, mail: `${alias}@${MAIL_DOMAIN}` }),
    ...(number === undefined ? {} : { employeeNumber: number }),
    ...(department === undefined ? {} : { departmentNumber: department }),
    ...commonAttributes(person, unit, dn),
    ...more,
  };
}

/** 66080: a normal account that needs no password (so that none has to be set first), whose password never expires. */
function adAttributes(person: Colleague, unit: string, dn: DnOf): Attributes {
  const { login, alias, number, department, more = {} } = person;
  const address = `${login}@${MAIL_DOMAIN}`;
  return {
    objectClass: 'user',
    sAMAccountName: login,
    userAccountControl: '66080',
    displayName: person.name,
    userPrincipalName: address,
    mail: alias === undefined ? address : `${alias}@${MAIL_DOMAIN}`,
    ...(number === undefined ? {} : { employeeID: number }),
    ...(department === undefined ? {} : { department }),
    ...commonAttributes(person, unit, dn),
    ...more,
  };
}

function commonAttributes({ title, phone, manager }: Colleague, unit: string, dn: DnOf): Attributes {
  return {
    ...(title === undefined ? {} : { title }),
    ...(phone === undefined ? {} : { telephoneNumber: phone }),
    ...(manager === undefined ? {} : { manager: dn(manager, unit) }),
  };
}
