import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logins, Probe } from '../probe.ts';
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

describe('create', () => {
  it('answers 201 with the user, version 1, role employee and the mirrored external id', async () => {
    const answer = await probe.call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
      userName: 'Ann@example.com',
      displayName: 'Ann Lee',
      externalId: 'g1',
      password: 'never shown',
      [ENTERPRISE]: { department: 'Sales', dateHire: '2024-12-01T08:00:00Z', employeeNumber: '7' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('ETag')).toBe('"1"');
    expect(answer.headers.get('Location')).toBe(`/api/v2/scim/v2/users/${String(answer.json['id'])}`);
    expect(answer.json).toMatchObject({
      active: true,
      roles: [{ value: 'employee' }],
      [ENTERPRISE]: { department: 'Sales', division: 'Home', dateHire: '2024-12-01', employeeNumber: '7' },
      [PURECLOUD]: { externalIds: [MIRROR] },
    });
    expect(answer.text).not.toContain('never shown');
    expect(JSON.stringify(simulator.log)).not.toContain('never shown');
  });

  it('takes the roles it is given instead of employee, and none for an inactive user', async () => {
    const admin = await probe.create('a@example.com', { roles: [{ value: 'admin' }] });
    expect(stored(admin).roles).toEqual([{ value: 'admin' }]);
    const idle = await probe.create('b@example.com', { active: false });
    expect(stored(idle)).toMatchObject({ state: 'inactive', roles: [] });
  });

  it('ignores what is read-only, and repeated entries of the service itself', async () => {
    const id = await probe.create('a@example.com', {
      id: 'mine',
      meta: { version: '99' },
      externalId: 'g1',
      emails: [{ type: 'other', value: 'A@example.com' }],
      [PURECLOUD]: { externalIds: [MIRROR, { authority: 'ad-objectguid', value: 'g1' }] },
    });
    expect(id).not.toBe('mine');
    expect(stored(id)).toMatchObject({ version: 1, emails: [] });
    expect(stored(id).externalIds).toEqual([{ authority: 'ad-objectguid', value: 'g1' }]);
  });

  it('takes a manager who exists, inactive ones too, but no deleted one', async () => {
    const boss = await probe.create('boss@example.com', { active: false });
    const id = await probe.create('a@example.com', { [ENTERPRISE]: { manager: { value: boss.toUpperCase() } } });
    const { json } = await probe.call('GET', `/users/${id}`);
    expect(json[ENTERPRISE]).toMatchObject({ manager: { value: boss, $ref: `/api/v2/scim/v2/users/${boss}` } });
    simulator.edit(boss, { state: 'deleted' });
    const late = { userName: 'b@example.com', displayName: 'B', [ENTERPRISE]: { manager: { value: boss } } };
    expect((await probe.call('POST', '/users', late)).status).toBe(400);
  });
});

describe("a deleted user's login", () => {
  it('revives him under his id, with his data, without roles', async () => {
    const id = await probe.create('ann@example.com', { title: 'Agent', externalId: 'g1', roles: [{ value: 'admin' }] });
    expect((await probe.call('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await probe.call('GET', `/users/${id}`)).status).toBe(404);
    expect((await probe.call('DELETE', `/users/${id}`)).status).toBe(404);
    const answer = await probe.call('POST', '/users', { userName: 'ANN@example.com', displayName: 'Ann Again' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id, active: true, displayName: 'Ann Again', title: 'Agent', roles: [] });
    expect(stored(id).version).toBe(3);
  });

  it('revives him with the roles the request gives', async () => {
    const id = await probe.create('ann@example.com');
    await probe.call('DELETE', `/users/${id}`);
    expect(await probe.create('ann@example.com', { roles: [{ value: 'admin' }] })).toBe(id);
    expect(stored(id).roles).toEqual([{ value: 'admin' }]);
  });

  it('does not take external ids back that others have by now', async () => {
    const pair = {
      [PURECLOUD]: {
        externalIds: [
          { authority: 'ad', value: '1' },
          { authority: 'hr', value: '1' },
        ],
      },
    };
    const id = await probe.create('ann@example.com', { externalId: 'g1', ...pair });
    await probe.call('DELETE', `/users/${id}`);
    await probe.create('new@example.com', {
      externalId: 'g1',
      [PURECLOUD]: { externalIds: [{ authority: 'ad', value: '1' }] },
    });
    expect(await probe.create('ann@example.com')).toBe(id);
    expect(stored(id)).toMatchObject({ externalId: null, externalIds: [{ authority: 'hr', value: '1' }] });
  });

  it('revives him as he was, whatever was sent, where the option says so', async () => {
    simulator.set({ revival: 'bare' });
    const id = await probe.create('ann@example.com', { title: 'Agent' });
    await probe.call('DELETE', `/users/${id}`);
    expect(await probe.create('ann@example.com', { title: 'Boss', roles: [{ value: 'admin' }] })).toBe(id);
    expect(stored(id)).toMatchObject({ state: 'active', title: 'Agent', roles: [] });
  });

  it('makes a new user where the option says so', async () => {
    simulator.set({ revival: 'new-id' });
    const id = await probe.create('ann@example.com');
    await probe.call('DELETE', `/users/${id}`);
    const answer = await probe.call('POST', '/users', { userName: 'ann@example.com', displayName: 'Ann' });
    expect(answer.status).toBe(201);
    expect(answer.json['id']).not.toBe(id);
    expect(stored(id).state).toBe('deleted');
  });
});

describe('DELETE', () => {
  it('moves to Home without roles and extensions, hides the user everywhere and is told loudly', async () => {
    const alarms: string[] = [];
    const loud = await startSimulator({ onAlarm: (sentence) => alarms.push(sentence) });
    try {
      const caller = await Probe.of(loud);
      const id = await caller.create('ann@example.com', {
        [ENTERPRISE]: { division: 'Sales' },
        phoneNumbers: [
          { type: 'work', value: 'tel:+13175551234;ext=1' },
          { type: 'home', value: '+13175550100' },
        ],
      });
      await caller.call('DELETE', `/users/${id}`);
      expect(loud.users()[0]).toMatchObject({ state: 'deleted', division: 'Home', roles: [] });
      expect(loud.users()[0]!.phoneNumbers).toEqual([{ type: 'home', value: '+13175550100', primary: false }]);
      expect(logins(await caller.call('GET', '/users'))).toEqual([]);
      expect(logins(await caller.filter('active eq false'))).toEqual([]);
      expect(loud.counts()).toMatchObject({ deletes: 1, users: { active: 0, inactive: 0, deleted: 1 } });
      expect(alarms).toEqual([expect.stringContaining(`DELETE /api/v2/scim/v2/users/${id}`)]);
    } finally {
      await loud.stop();
    }
  });
});

describe('PUT', () => {
  it('sets what it names and leaves the rest', async () => {
    const id = await probe.create('ann@example.com', { title: 'Agent', externalId: 'g1' });
    const body = { [PURECLOUD]: { externalIds: [{ authority: 'ADID', value: 'ABCD1234' }] } };
    const answer = await probe.call('PUT', `/users/${id}`, body);
    expect(answer.json).toMatchObject({
      title: 'Agent',
      [PURECLOUD]: { externalIds: [MIRROR, { authority: 'ADID', value: 'ABCD1234' }] },
    });
  });

  it('takes back what a read gave', async () => {
    const id = await probe.create('ann@example.com', { title: 'Agent', externalId: 'g1' });
    const before = await probe.call('GET', `/users/${id}`);
    const after = await probe.call('PUT', `/users/${id}`, before.json);
    expect(after.status).toBe(200);
    expect({ ...after.json, meta: null }).toEqual({ ...before.json, meta: null });
  });
});

describe('versions', () => {
  it.each([
    ['PATCH', { Operations: [{ op: 'replace', path: 'title', value: 'x' }] }],
    ['PUT', { title: 'x' }],
    ['DELETE', undefined],
  ])('a %s made for the current version passes, for another one not', async (method, body) => {
    const id = await probe.create('ann@example.com');
    const stale = await probe.call(method, `/users/${id}`, body, { 'if-match': '"7"' });
    expect(stale.status).toBe(400);
    expect(stale.json).toMatchObject({ status: '400', scimType: 'invalidVers' });
    expect(stored(id).version).toBe(1);
    const current = await probe.call(method, `/users/${id}`, body, { 'if-match': '"1"' });
    expect(current.status).toBeLessThan(300);
    expect(stored(id).version).toBe(2);
  });

  it.each([409, 412] as const)('a stale one can be answered %i', async (staleVersion) => {
    simulator.set({ staleVersion });
    const id = await probe.create('ann@example.com');
    const answer = await probe.call('PUT', `/users/${id}`, { title: 'x' }, { 'if-match': '"7"' });
    expect(answer.status).toBe(staleVersion);
    expect(answer.json).toMatchObject({
      status: String(staleVersion),
      detail: 'Version does not match current version.',
    });
  });

  it('need no If-Match', async () => {
    const id = await probe.create('ann@example.com');
    for (const version of [2, 3, 4]) {
      const answer = await probe.call('PUT', `/users/${id}`, { title: `t${version}` });
      expect(answer.json['meta']).toMatchObject({ version: String(version) });
    }
  });
});

describe('groups', () => {
  it('are found by name, and their members are changed by PATCH', async () => {
    const id = await probe.create('ann@example.com');
    const list = await probe.call('GET', `/Groups?filter=${encodeURIComponent('displayName eq "agents"')}`);
    const [group] = list.json['Resources'] as { id: string }[];
    const body = { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] };
    const added = await probe.call('PATCH', `/groups/${group!.id}`, body, { 'if-match': '"1"' });
    expect(added.headers.get('ETag')).toBe('"2"');
    expect(added.json['members']).toEqual([expect.objectContaining({ value: id })]);
    expect((await probe.call('GET', `/users/${id}`)).json['groups']).toEqual([
      expect.objectContaining({ value: group!.id, display: 'Agents' }),
    ]);
    const removal = { Operations: [{ op: 'remove', path: `members[value eq "${id}"]` }] };
    expect((await probe.call('PATCH', `/groups/${group!.id}`, removal)).json['members']).toEqual([]);
    const stale = await probe.call('PATCH', `/groups/${group!.id}`, removal, { 'if-match': '"1"' });
    expect(stale.json).toMatchObject({ scimType: 'invalidVers' });
  });

  it('refuse members nobody is, and unknown attributes', async () => {
    const list = await probe.call('GET', '/groups');
    const [group] = list.json['Resources'] as { id: string }[];
    const stranger = { Operations: [{ op: 'add', path: 'members', value: [{ value: 'nobody' }] }] };
    expect((await probe.call('PATCH', `/groups/${group!.id}`, stranger)).json['scimType']).toBe('invalidValue');
    const odd = { Operations: [{ op: 'add', path: 'owner', value: 'x' }] };
    expect((await probe.call('PATCH', `/groups/${group!.id}`, odd)).json['scimType']).toBe('invalidPath');
    expect((await probe.call('GET', '/groups?filter=owner%20eq%20x')).json['scimType']).toBe('invalidFilter');
    const put = await probe.call('PUT', `/groups/${group!.id}`, { displayName: 'Agents 2' });
    expect(put.json).toMatchObject({ displayName: 'Agents 2', meta: { version: '2' } });
  });
});
