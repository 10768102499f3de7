import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { takeoverLines } from '../client/render-takeover.ts';
import type { Entry } from '../model/entry.ts';
import { startSimulator, type SeedUser, type Simulator } from '../simulator/start.ts';
import { ConfigFolder, config } from './support/config-folder.ts';
import { simulatorTarget, UNPACED } from './support/configuration.ts';
import { directoryOf } from './support/entries-directory.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { anchorOf, statePlace, type StatePlace } from './support/state.ts';

const LOGINS = ['anchor', 'login', 'asleep', 'number', 'foreign', 'other', 'twice', 'new'];
const ANCHOR = (login: string): string => anchorOf(LOGINS.indexOf(login) + 1);

function entryOf(login: string): Entry {
  return {
    ...{ directory: 'corp-ad', vendor: 'openldap', anchor: ANCHOR(login), stamp: '1', stampScope: '' },
    ...{ dn: `uid=${login},dc=corp`, dnKey: `uid=${login},dc=corp`, enabled: true, disabledBecause: null, dueAt: null },
    attributes: {
      mail: [`${login}@corp.example`],
      displayname: [`The ${login} one`],
      employeenumber: ['1'],
      title: ['Agent'],
    },
  };
}

vi.mock('../directory/open.ts', () => ({
  openDirectory: () => Promise.resolve(directoryOf({ entries: () => LOGINS.map(entryOf), sightings: () => [] })),
}));

const user = (login: string, more: Partial<SeedUser> = {}): SeedUser => ({
  ...{ userName: `${login}@corp.example`, displayName: `The ${login} one`, title: 'Boss', ...more },
});
const id = (authority: string, value: string) => ({ externalIds: [{ authority, value }] });
const USERS: SeedUser[] = [
  user('formerly', { ...id('hr', ANCHOR('anchor')), employeeNumber: '1' }),
  user('login', { displayName: 'Her old name' }),
  user('asleep', { state: 'inactive' }),
  user('number', { employeeNumber: '2' }),
  user('foreign', id('hr', 'desk 7')),
  user('other', id('ldap-entryuuid', anchorOf(99))),
  user('one', id('hr', ANCHOR('twice'))),
  user('two', id('crm', ANCHOR('twice'))),
  ...Array.from({ length: 21 }, (_, n) => user(`zz${n.toString().padStart(2, '0')}`)),
  user('robot', { state: 'inactive' }),
];

let simulator: Simulator;
let place: StatePlace;
const folder = new ConfigFolder();

beforeAll(async () => {
  simulator = await startSimulator(UNPACED);
  place = await statePlace('sqlite');
});

afterAll(async () => {
  folder.remove();
  await place.close();
  await simulator.stop();
});

test('the first plan tells by what users were found, what is odd, what changes, and who is nobody’s', async () => {
  simulator.seed(USERS);
  const state = await place.open();
  const settings = folder.load(config({ name: 'corp', target: simulatorTarget(simulator) }));
  const rehearsal = new Rehearsal(settings, state);
  try {
    const { runId, heldBatch } = await rehearsal.run('full');
    const plan = await state.batches.plan('corp');
    expect(plan).toMatchObject({
      heldBatch,
      takeover: {
        listed: 30,
        matched: { hand: 0, anchor: 1, 'external id': 0, login: 5 },
        odd: {
          ...{ ambiguous: 1, 'other anchor': 1, inactive: 1 },
          ...{ 'other person': 1, 'other provisioner': 1, revived: 0 },
        },
        unowned: { count: 24 },
      },
    });
    const takeover = await state.lookBack.takeover('corp', runId);
    expect(takeover).toEqual(plan.takeover);
    expect(Object.fromEntries(takeover?.attributes.map(({ path, users }) => [path, users]) ?? [])).toMatchObject({
      title: 6,
      displayName: 2,
      userName: 1,
    });
    expect(takeover?.unowned.first).toHaveLength(20);
    if (takeover === null) throw new Error('the listing of the newest run is kept');
    const lines = takeoverLines(takeover);
    expect(lines[0]).toBe('Genesys Cloud users: 30 listed, 6 of them taken over (1 by anchor, 5 by login)');
    expect(lines[1]).toBe(
      "to be looked at first: 1 person is matched by several users; 1 carries another entry's anchor; 1 is inactive; 1 has another person key; 1 carries an external id of another system",
    );
    expect(lines[3]).toMatch(
      /^nobody's, and left untouched: 24: one@corp.example, robot@corp.example \(inactive\), .* and 4 more$/,
    );
    expect(simulator.log.filter(({ on, method }) => on === 'api' && method !== 'GET')).toEqual([]);

    await rehearsal.approve(heldBatch ?? '');
    const nobodys = simulator.users().filter(({ userName }) => /^(?:zz|one|two|robot)/.test(userName));
    expect(nobodys.map(({ title }) => title)).toEqual(nobodys.map(() => 'Boss'));
    expect((await state.lookBack.takeover('corp', runId))?.unowned).toEqual(takeover?.unowned);
    await rehearsal.run('full');
    expect(await state.lookBack.takeover('corp', runId)).toBeNull();
  } finally {
    await rehearsal.close();
  }
});
