import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Stage } from './support/stage.ts';
import {
  type Colleague,
  MAIL_DOMAIN,
  startAdStaff,
  startOpenLdapStaff,
  type StaffDirectory,
} from './support/staff-directory.ts';

/** More than one slice holds. */
const PEOPLE = 400;
/** Reports of each manager: four levels of managers above the last thousandth. */
const SPAN = 8;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const VENDORS = [
  { name: 'Active Directory', start: startAdStaff },
  { name: 'OpenLDAP', start: startOpenLdapStaff },
];

const loginOf = (index: number): string => `agent${String(index).padStart(4, '0')}`;

/** A tree of managers below agent0000; some people have every attribute, some none. */
function staff(): Colleague[] {
  return Array.from({ length: PEOPLE }, (_, index) => ({
    login: loginOf(index),
    name: index % 50 === 7 ? `Zoë Jäger-${index} 😀` : `Agent ${index}`,
    ...(index === 0 ? {} : { manager: loginOf(Math.floor((index - 1) / SPAN)) }),
    ...(index % 10 === 9 ? {} : { title: index % 2 === 0 ? 'Agent' : 'Senior Agent', department: `Team ${index % 7}` }),
    ...(index % 3 === 0 ? {} : { number: String(10_000 + index) }),
    ...(index % 4 === 0 ? {} : { phone: `${index % 4 === 1 ? '030' : '+49 (30)'} 9018-${1_000 + index}` }),
    ...(index % 5 === 0 ? { alias: `alias.${index}` } : {}),
  }));
}

const workMail = (value: string) => ({ op: 'add', path: 'emails', value: [{ type: 'work', value }] });

describe.each(VENDORS)('$name', ({ start }) => {
  let directory: StaffDirectory;
  let stage: Stage;
  let agents: string;
  let others: string;

  beforeAll(async () => {
    directory = await start();
    agents = await directory.unit('Staff');
    others = await directory.unit('Elsewhere');
    await directory.unit('Team', agents);
    await directory.add(agents, staff());
    stage = await Stage.open({ directories: [directory.configuration([agents])] });
  });

  afterAll(async () => {
    await stage?.close();
    await directory?.stop();
  });

  test('a first run of 400 people is 400 creates and nothing else, managers first', { timeout: 240_000 }, async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({
      ...{ mode: 'full', dryRun: false, outcome: 'completed', error: null, heldBatch: null, unchanged: 0 },
      directory: { read: PEOPLE, inScope: PEOPLE, invalid: 0, complete: true },
      requests: { token: 1, write: PEOPLE, throttled: 0 },
    });
    expect(status).toBe(0);
    expect(json.changes.create).toEqual({ planned: PEOPLE, applied: PEOPLE, parked: 0, held: 0, superseded: 0 });
    expect(writes.filter(({ method, status: answer }) => method === 'POST' && answer === 201)).toHaveLength(PEOPLE);
    expect(writes).toHaveLength(PEOPLE);
    expect(stage.simulator.counts()).toMatchObject({ token: 1, refused: 0, failed: 0 });

    const expected = await expectedUsers(directory, agents);
    expect(expected).toHaveLength(PEOPLE);
    expect(expected.filter(({ manager }) => manager !== null)).toHaveLength(PEOPLE - 1);
    expect(shownUsers(stage.simulator)).toEqual(expected);
    const places = new Map(stage.simulator.users().map(({ id, sequence }) => [id, sequence]));
    const early = stage.simulator
      .users()
      .filter(({ manager, sequence }) => manager !== null && (places.get(manager) ?? Infinity) > sequence);
    expect(early).toEqual([]);
  });

  test('the next run writes nothing', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', unchanged: PEOPLE, requests: { token: 0, write: 0 } });
    expect(status).toBe(0);
    expect(writes).toEqual([]);
  });

  test('ten changed people are ten PATCHes that hold only what differs', async () => {
    const { words } = directory;
    const dn = (index: number): string => directory.dn(loginOf(index), agents);
    await directory.change(dn(301), { title: 'Team Lead' });
    await directory.change(dn(302), { [words.login]: `married@${MAIL_DOMAIN}` });
    await directory.change(dn(303), { manager: dn(1) });
    await directory.setEnabled(dn(304), false);
    await directory.move(dn(305), others);
    await directory.change(dn(306), { telephoneNumber: null });
    await directory.change(dn(307), { [words.department]: 'Team 99', [words.number]: '77777' });
    await directory.change(dn(308), { displayName: 'Doctor Agent' });
    await directory.remove(dn(309));
    await directory.change(dn(310), { mail: `other.alias@${MAIL_DOMAIN}` });
    // Inside the scope a move changes nothing but the DN.
    await directory.move(dn(311), `ou=Team,${agents}`);

    const ids = new Map(stage.simulator.users().map(({ userName, id }) => [userName, id]));
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', error: null, unchanged: PEOPLE - 10, requests: { write: 10 } });
    expect(json.changes.update).toMatchObject({ planned: 7, applied: 7 });
    expect(json.changes.deactivate).toMatchObject({ planned: 3, applied: 3 });
    expect(status).toBe(0);
    expect(writes).toHaveLength(10);
    const off = [{ op: 'replace', path: 'active', value: false }];
    expect(stage.patches(writes)).toEqual({
      agent0301: [{ op: 'replace', path: 'title', value: 'Team Lead' }],
      // AD keeps the mail address apart from the login: it is now another one, so it is shown.
      married: [
        ...(directory.vendor === 'ad' ? [workMail(`agent0302@${MAIL_DOMAIN}`)] : []),
        { op: 'replace', path: 'userName', value: `married@${MAIL_DOMAIN}` },
      ],
      agent0303: [
        { op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: ids.get(`agent0001@${MAIL_DOMAIN}`) } },
      ],
      agent0304: off,
      agent0305: off,
      agent0306: [{ op: 'remove', path: 'phoneNumbers[type eq "work"]' }],
      agent0307: [
        { op: 'replace', path: `${ENTERPRISE}:department`, value: 'Team 99' },
        { op: 'replace', path: `${ENTERPRISE}:employeeNumber`, value: '77777' },
      ],
      agent0308: [{ op: 'replace', path: 'displayName', value: 'Doctor Agent' }],
      agent0309: off,
      agent0310: [{ op: 'replace', path: 'emails[type eq "work"].value', value: `other.alias@${MAIL_DOMAIN}` }],
    });
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, agents));
    expect(stage.simulator.counts().users).toEqual({ active: PEOPLE - 3, inactive: 3, deleted: 0 });
  });

  test('and then there is nothing to write again', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', unchanged: PEOPLE - 2, requests: { write: 0 } });
    expect(status).toBe(0);
    expect(writes).toEqual([]);
  });
});
