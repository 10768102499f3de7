import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Probe, steer } from '../probe.ts';
import { startSimulator, type Simulator } from '../start.ts';

let simulator: Simulator;
let probe: Probe;

beforeAll(async () => {
  simulator = await startSimulator({ requestsPerMinute: 100_000 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await steer(simulator, 'POST', '/reset');
  probe = await Probe.of(simulator);
});

describe('steering over HTTP', () => {
  it('seeds users, edits and deletes them past SCIM, and shows them all', async () => {
    const seeded = await steer(simulator, 'POST', '/seed', [
      { userName: 'a@example.com', title: 'Agent' },
      { userName: 'b@example.com', state: 'inactive' },
    ]);
    expect(seeded.status).toBe(201);
    const [a, b] = simulator.users();
    const edited = await steer(simulator, 'POST', `/users/${a!.id}`, { title: 'Boss', state: 'inactive' });
    expect(edited.json).toMatchObject({ title: 'Boss', state: 'inactive', roles: [], version: 2 });
    await steer(simulator, 'DELETE', `/users/${b!.id}`);
    expect(JSON.parse((await steer(simulator, 'GET', '/users')).text)).toEqual(simulator.users());
    const deleted = JSON.parse((await steer(simulator, 'GET', '/users?state=deleted')).text) as unknown[];
    expect(deleted).toEqual([expect.objectContaining({ userName: 'b@example.com', state: 'deleted' })]);
    expect((await steer(simulator, 'GET', `/users/${a!.id}`)).json).toMatchObject({ userName: 'a@example.com' });
    expect(simulator.counts()).toMatchObject({ deletes: 0, users: { active: 0, inactive: 1, deleted: 1 } });
  });

  it('shows requests and counts', async () => {
    await probe.call('GET', '/users', undefined, { 'user-agent': 'tester/1' });
    const log = JSON.parse((await steer(simulator, 'GET', '/log?since=1')).text) as unknown[];
    expect(log).toEqual([
      {
        on: 'api',
        method: 'GET',
        path: '/api/v2/scim/v2/users',
        status: 200,
        body: null,
        at: expect.any(String),
        correlationId: expect.any(String),
        userAgent: 'tester/1',
        fault: null,
      },
    ]);
    expect((await steer(simulator, 'GET', '/counts')).json).toMatchObject({ token: 1, read: 1, write: 0 });
  });

  it('sets up faults, lets hanging requests go, and clears', async () => {
    const rule = { effect: { kind: 'hang', when: 'after' }, method: 'GET' };
    expect((await steer(simulator, 'POST', '/faults', rule)).json).toEqual({ id: expect.any(Number) });
    expect((await steer(simulator, 'GET', '/faults')).json).toMatchObject({ rules: [{ rule, left: 1 }], hanging: 0 });
    const answer = probe.call('GET', '/users');
    let released: unknown = 0;
    for (let round = 0; round < 2000 && released === 0; round += 1) {
      released = (await steer(simulator, 'POST', '/faults/release')).json['released'];
    }
    expect((await answer).status).toBe(200);
    await steer(simulator, 'POST', '/faults', { effect: { kind: 'status', status: 500 }, count: null });
    await steer(simulator, 'DELETE', '/faults');
    expect((await probe.call('GET', '/users')).status).toBe(200);
  });

  it('works through an outage, and ends it', async () => {
    await steer(simulator, 'POST', '/outage', { outage: 'reset' });
    await expect(probe.call('GET', '/users')).rejects.toThrow('fetch failed');
    await steer(simulator, 'POST', '/outage', { outage: null });
    expect((await probe.call('GET', '/users')).status).toBe(200);
  });

  it('revokes tokens, moves the clock and changes options', async () => {
    await steer(simulator, 'POST', '/revoke-tokens');
    expect((await probe.call('GET', '/users')).status).toBe(401);
    await probe.login();
    await steer(simulator, 'POST', '/clock', { advanceMs: 90_000_000 });
    expect((await probe.call('GET', '/users')).status).toBe(401);
    await steer(simulator, 'POST', '/options', { tokenLifeSeconds: 5 });
    expect((await probe.askToken()).json['expires_in']).toBe(5);
    const options = await steer(simulator, 'GET', '/options');
    expect(options.json).toMatchObject({ tokenLifeSeconds: 5 });
    expect(options.text).not.toContain(simulator.clientSecret);
  });

  it('resets to how it began', async () => {
    simulator.seed([{ userName: 'a@example.com' }]);
    simulator.set({ maxCount: 1, divisions: [] });
    await steer(simulator, 'POST', '/reset');
    expect(simulator.users()).toEqual([]);
    expect(simulator.log).toEqual([]);
    expect((await steer(simulator, 'GET', '/options')).json).toMatchObject({
      maxCount: 100,
      divisions: ['Home', 'Sales', 'Support'],
    });
  });

  it.each<[string, string, unknown]>([
    ['POST', '/seed', [{ userName: 'a@example.com', shoeSize: 5 }]],
    ['POST', '/seed', [{ title: 'x' }]],
    ['POST', '/seed', {}],
    ['POST', '/seed', [{ userName: 'a@example.com', phoneNumbers: 'x' }]],
    ['POST', '/users/nobody', { title: 'x' }],
    ['POST', '/users/nobody', { version: 3 }],
    ['POST', '/faults', { effect: { kind: 'explode' } }],
    ['POST', '/faults', { effect: { kind: 'reset' }, methd: 'GET' }],
    ['POST', '/faults', { effect: { kind: 'reset' }, path: '(' }],
    ['POST', '/outage', { outage: 'total' }],
    ['POST', '/options', { nonsense: 1 }],
    ['POST', '/options', { apiPort: 1 }],
    ['POST', '/options', { maxCount: 'many' }],
    ['POST', '/clock', { advanceMs: -1 }],
  ])('refuses %s %s %j with a sentence', async (method, path, body) => {
    const answer = await steer(simulator, method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ error: expect.any(String) });
  });

  it('says 409 to a login that is taken, and 404 to calls it does not have', async () => {
    await steer(simulator, 'POST', '/seed', [{ userName: 'a@example.com' }]);
    expect((await steer(simulator, 'POST', '/seed', [{ userName: 'A@example.com' }])).status).toBe(409);
    expect((await steer(simulator, 'GET', '/nothing')).status).toBe(404);
  });
});
