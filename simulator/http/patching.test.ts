import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Probe } from '../probe.ts';
import { startSimulator, type Simulator, type SimUser } from '../start.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PURECLOUD = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
const MIRROR = { authority: 'x-pc:scimv2:v1:simulator-client', value: 'g1' };

let simulator: Simulator;
let probe: Probe;

beforeAll(async () => {
  simulator = await startSimulator({ requestsPerMinute: 100_000 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.reset();
  probe = await Probe.of(simulator);
});

function stored(id: string): SimUser {
  return simulator.users().find((user) => user.id === id)!;
}

describe('PATCH', () => {
  let ann: string;
  beforeEach(async () => {
    ann = await probe.create('ann@example.com', {
      title: 'Agent',
      externalId: 'g1',
      phoneNumbers: [
        { type: 'work', value: '+13175550100', primary: true },
        { type: 'microsoftteams', value: '+13175550199' },
      ],
      [PURECLOUD]: { externalIds: [{ authority: 'hr', value: '1' }] },
    });
  });

  const work = { type: 'work', value: '+13175550100', primary: true };
  const teams = { type: 'microsoftteams', value: '+13175550199', primary: false };
  const added = { type: 'mobile', value: '+13175550111', primary: false };
  const paths = `${PURECLOUD}:externalIds`;

  it.each<[string, Record<string, unknown>, Partial<SimUser>]>([
    ['replaces a text', { op: 'replace', path: 'title', value: 'Lead' }, { title: 'Lead' }],
    ['adds a text', { op: 'Add', path: 'Title', value: 'Lead' }, { title: 'Lead' }],
    ['removes a text', { op: 'REMOVE', path: 'title' }, { title: null }],
    [
      'finds core attributes by URN',
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:title', value: 'X' },
      { title: 'X' },
    ],
    [
      'finds extension attributes by URN',
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'HR' },
      { department: 'HR' },
    ],
    ['keeps what an empty text would overwrite', { op: 'replace', path: 'title', value: '' }, { title: 'Agent' }],
    ['keeps what null would overwrite', { op: 'replace', path: 'title', value: null }, { title: 'Agent' }],
    [
      'keeps what an empty list would overwrite',
      { op: 'replace', path: 'phoneNumbers', value: [] },
      { phoneNumbers: [work, teams] },
    ],
    [
      'keeps what an empty item would overwrite',
      { op: 'replace', path: 'phoneNumbers', value: [{ type: 'work', value: '' }] },
      { phoneNumbers: [work, teams] },
    ],
    [
      'keeps an item that an empty part would overwrite',
      { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '' },
      { phoneNumbers: [work, teams] },
    ],
    ['replaces a whole list', { op: 'replace', path: 'phoneNumbers', value: [added] }, { phoneNumbers: [added] }],
    ['adds to a list', { op: 'add', path: 'phoneNumbers', value: [added] }, { phoneNumbers: [work, teams, added] }],
    [
      'adds one item without list',
      { op: 'add', path: 'phoneNumbers', value: added },
      { phoneNumbers: [work, teams, added] },
    ],
    ['adds nothing twice', { op: 'add', path: 'phoneNumbers', value: [teams] }, { phoneNumbers: [work, teams] }],
    ['removes a list', { op: 'remove', path: 'phoneNumbers' }, { phoneNumbers: [] }],
    [
      'replaces a part of an item',
      { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '+13175550111' },
      { phoneNumbers: [{ ...work, value: '+13175550111' }, teams] },
    ],
    [
      'replaces an item',
      { op: 'replace', path: 'phoneNumbers[type eq "work"]', value: { type: 'work', value: '+13175550111' } },
      { phoneNumbers: [{ type: 'work', value: '+13175550111', primary: false }, teams] },
    ],
    [
      'merges into an item',
      { op: 'add', path: 'phoneNumbers[type eq "work"]', value: { value: '+13175550111' } },
      { phoneNumbers: [{ ...work, value: '+13175550111' }, teams] },
    ],
    [
      'makes an item from the filter',
      { op: 'add', path: 'phoneNumbers[type eq "mobile"].value', value: '+13175550111' },
      { phoneNumbers: [work, teams, added] },
    ],
    ['removes an item', { op: 'remove', path: 'phoneNumbers[type eq "work"]' }, { phoneNumbers: [teams] }],
    [
      'removes an item by its value part',
      { op: 'remove', path: 'phoneNumbers[type eq "work"].value' },
      { phoneNumbers: [teams] },
    ],
    [
      'removes primary alone',
      { op: 'remove', path: 'phoneNumbers[type eq "work"].primary' },
      { phoneNumbers: [{ ...work, primary: false }, teams] },
    ],
    [
      'finds items by two parts',
      { op: 'remove', path: 'phoneNumbers[type eq "work" and primary eq true]' },
      { phoneNumbers: [teams] },
    ],
    [
      'adds an external id by value path',
      { op: 'add', path: `${paths}[authority eq "ad"].value`, value: '9' },
      {
        externalIds: [
          { authority: 'hr', value: '1' },
          { authority: 'ad', value: '9' },
        ],
      },
    ],
    [
      'replaces the external ids but for the mirrored one',
      { op: 'replace', path: paths, value: [MIRROR, { authority: 'ad', value: '9' }] },
      { externalIds: [{ authority: 'ad', value: '9' }], externalId: 'g1' },
    ],
    [
      'replaces the external ids with the mirrored one alone',
      { op: 'replace', path: paths, value: [MIRROR] },
      { externalIds: [], externalId: 'g1' },
    ],
    [
      'removes the external ids but for the mirrored one',
      { op: 'remove', path: paths },
      { externalIds: [], externalId: 'g1' },
    ],
    [
      'adds a role',
      { op: 'add', path: 'roles', value: [{ value: 'admin' }] },
      { roles: [{ value: 'employee' }, { value: 'admin' }] },
    ],
    [
      'adds a role by value path',
      { op: 'add', path: 'roles[value eq "admin"]', value: { value: 'admin' } },
      { roles: [{ value: 'employee' }, { value: 'admin' }] },
    ],
    [
      'leaves employee when the last role goes',
      { op: 'remove', path: 'roles[value eq "employee"]' },
      { roles: [{ value: 'employee' }] },
    ],
    [
      'sets a proficiency',
      { op: 'add', path: `${PURECLOUD}:routingSkills[name eq "Billing"].proficiency`, value: 4.5 },
      { routingSkills: [{ name: 'Billing', proficiency: 4.5 }] },
    ],
    [
      'works without path',
      { op: 'replace', value: { title: 'Lead', [ENTERPRISE]: { department: 'HR' } } },
      { title: 'Lead', department: 'HR' },
    ],
    ['adds without path', { op: 'add', value: { phoneNumbers: [added] } }, { phoneNumbers: [work, teams, added] }],
    [
      'sets the login',
      { op: 'replace', path: 'userName', value: 'ann.lee@example.com' },
      { userName: 'ann.lee@example.com' },
    ],
  ])('%s', async (_what, operation, expected) => {
    const answer = await probe.patch(ann, operation);
    expect(answer.status).toBe(200);
    expect(stored(ann)).toMatchObject({ ...expected, version: 2 });
    expect(answer.headers.get('ETag')).toBe('"2"');
  });

  it('sets and removes a manager by either path', async () => {
    const boss = await probe.create('boss@example.com');
    await probe.patch(ann, { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: boss } });
    expect(stored(ann).manager).toBe(boss);
    await probe.patch(ann, { op: 'remove', path: `${ENTERPRISE}:manager` });
    expect(stored(ann).manager).toBeNull();
    await probe.patch(ann, { op: 'replace', path: `${ENTERPRISE}:manager.value`, value: boss });
    expect(stored(ann).manager).toBe(boss);
  });

  it('moves the mirrored entry and the other address with their sources', async () => {
    const answer = await probe.patch(ann, { op: 'replace', value: { externalId: 'g2', userName: 'lee@example.com' } });
    expect(answer.json).toMatchObject({
      emails: [{ type: 'other', value: 'lee@example.com' }],
      [PURECLOUD]: {
        externalIds: [
          { ...MIRROR, value: 'g2' },
          { authority: 'hr', value: '1' },
        ],
      },
    });
  });

  it('frees the old login and external id for others', async () => {
    await probe.patch(ann, { op: 'replace', value: { externalId: 'g2', userName: 'lee@example.com' } });
    const answer = await probe.call('POST', '/users', {
      userName: 'ann@example.com',
      displayName: 'A',
      externalId: 'g1',
    });
    expect(answer.status).toBe(201);
  });

  it('shows the other address as primary only while no work address is', async () => {
    const answer = await probe.patch(ann, {
      op: 'add',
      path: 'emails',
      value: [{ type: 'work', value: 'ann@example.org', primary: true }],
    });
    expect(answer.json['emails']).toEqual([
      { value: 'ann@example.com', type: 'other', primary: false },
      { value: 'ann@example.org', type: 'work', primary: true },
    ]);
  });

  it('takes the roles of a user who becomes inactive, and does not bring them back', async () => {
    await probe.patch(ann, { op: 'replace', path: 'active', value: false });
    expect(stored(ann)).toMatchObject({ state: 'inactive', roles: [] });
    await probe.patch(ann, { op: 'replace', path: 'active', value: true });
    expect(stored(ann)).toMatchObject({ state: 'active', roles: [] });
  });

  it('leaves them where the option says so', async () => {
    simulator.set({ keepRolesWhenInactive: true });
    await probe.patch(ann, { op: 'replace', path: 'active', value: false });
    expect(stored(ann)).toMatchObject({ state: 'inactive', roles: [{ value: 'employee' }] });
  });
});
