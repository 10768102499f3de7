import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Probe, type ProbeAnswer } from '../probe.ts';
import { startSimulator, type FaultEffect, type Simulator } from '../start.ts';

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

function post(userName = 'ann@example.com'): Promise<ProbeAnswer> {
  return probe.call('POST', '/users', { userName, displayName: 'Ann' });
}

function stored(): string[] {
  return simulator.users().map((user) => user.userName);
}

async function codeOf(answer: Promise<unknown>): Promise<unknown> {
  const failure: unknown = await answer.catch((error: unknown) => error);
  return failure instanceof Error ? (failure.cause as { code?: string } | undefined)?.code : 'no failure';
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !condition(); round += 1) await new Promise((next) => setTimeout(next, 5));
  expect(condition()).toBe(true);
}

describe('answers instead of the right one', () => {
  it.each([
    [429, 'too.many.requests.retry.after'],
    [401, 'bad.credentials'],
    [403, 'not.authorized'],
    [500, 'internal.server.error'],
    [503, 'service.unavailable'],
    [504, 'request.timeout'],
  ])('%i before the write leaves no trace, after it the write stands', async (status, code) => {
    simulator.faults.add({ effect: { kind: 'status', status } });
    const before = await post();
    expect(before.status).toBe(status);
    expect(before.json).toMatchObject({ code, status, contextId: before.headers.get('ININ-Correlation-Id') });
    expect(stored()).toEqual([]);
    simulator.faults.add({ effect: { kind: 'status', status, when: 'after' } });
    const after = await post();
    expect(after.status).toBe(status);
    expect(after.json).toMatchObject({ code, status });
    expect(after.headers.get('ETag')).toBeNull();
    expect(stored()).toEqual(['ann@example.com']);
    expect((await post()).status).toBe(409);
    expect(simulator.log.map((entry) => entry.fault)).toEqual([null, 'status', 'status', null]);
  });

  it('429 carries Retry-After and the rate headers', async () => {
    simulator.faults.add({ effect: { kind: 'status', status: 429, retryAfter: 7 } });
    const answer = await post();
    expect(answer.headers.get('Retry-After')).toBe('7');
    expect(answer.json['message']).toContain('[7]');
    expect(answer.headers.get('inin-ratelimit-count')).toBe('1');
  });

  it('can be a ScimError, or have a code of its own', async () => {
    const message = 'Version does not match current version.';
    simulator.faults.add({ effect: { kind: 'status', status: 409, scim: true, message } });
    simulator.faults.add({ effect: { kind: 'status', status: 400, scimType: 'invalidVers' } });
    simulator.faults.add({ effect: { kind: 'status', status: 403, code: 'authz.policy.denied' } });
    expect((await post()).json).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      detail: message,
    });
    expect((await post()).json).toMatchObject({ status: '400', scimType: 'invalidVers' });
    expect((await post()).json).toMatchObject({ status: 403, code: 'authz.policy.denied' });
  });

  it.each<[string, FaultEffect, string]>([
    ['half a JSON document', { kind: 'malformed', body: 'json' }, 'application/scim+json'],
    ['a web page', { kind: 'malformed', body: 'html' }, 'text/html; charset=utf-8'],
  ])('can be %s', async (_what, effect, type) => {
    simulator.faults.add({ effect });
    const answer = await post();
    expect([answer.status, answer.json, stored()]).toEqual([200, {}, []]);
    expect(answer.headers.get('Content-Type')).toBe(type);
    simulator.faults.add({ effect: { kind: 'malformed', body: 'html', status: 502, when: 'after' } });
    expect((await post()).status).toBe(502);
    expect(stored()).toEqual(['ann@example.com']);
  });
});

describe('connections', () => {
  it('can be cut before the write and after it', async () => {
    simulator.faults.add({ effect: { kind: 'reset' } });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(stored()).toEqual([]);
    simulator.faults.add({ effect: { kind: 'reset', when: 'after' } });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(stored()).toEqual(['ann@example.com']);
    const cut = simulator.log.filter((entry) => entry.fault === 'reset');
    expect(cut.map((entry) => [entry.method, entry.status])).toEqual([
      ['POST', null],
      ['POST', null],
    ]);
  });

  it('can hang after the write until they are let go', async () => {
    simulator.faults.add({ effect: { kind: 'hang', when: 'after' } });
    const answer = post();
    await until(() => simulator.faults.hanging === 1);
    expect(stored()).toEqual(['ann@example.com']);
    expect(simulator.log.at(-1)).toMatchObject({ status: null, fault: 'hang' });
    expect(simulator.faults.release()).toBe(1);
    expect((await answer).status).toBe(201);
  });

  it('can hang before the write, which comes when the client has given up', async () => {
    simulator.faults.add({ effect: { kind: 'hang' } });
    const given = new AbortController();
    const body = JSON.stringify({ userName: 'late@example.com', displayName: 'Late' });
    const headers = { authorization: `Bearer ${probe.token}`, 'content-type': 'application/json' };
    const url = `${simulator.apiUrl}/api/v2/scim/v2/users`;
    const answer = fetch(url, { method: 'POST', headers, body, signal: given.signal });
    const outcome = codeOf(answer);
    await until(() => simulator.faults.hanging === 1);
    given.abort();
    expect(await outcome).not.toBe('no failure');
    expect(stored()).toEqual([]);
    simulator.faults.release();
    await until(() => stored().length === 1);
    expect(simulator.log.at(-1)).toMatchObject({ method: 'POST', fault: 'hang' });
  });

  it('can hang for a time, and answers can be slow', async () => {
    simulator.faults.add({ effect: { kind: 'hang', when: 'after', ms: 30 } });
    simulator.faults.add({ effect: { kind: 'slow', ms: 30 } });
    for (const userName of ['a@example.com', 'b@example.com']) {
      const start = performance.now();
      expect((await post(userName)).status).toBe(201);
      expect(performance.now() - start).toBeGreaterThan(25);
    }
  });

  it('that hang do not keep the simulator from stopping', async () => {
    const other = await startSimulator();
    const caller = await Probe.of(other);
    other.faults.add({ effect: { kind: 'hang' } });
    const outcome = codeOf(caller.call('GET', '/users'));
    await until(() => other.faults.hanging === 1);
    await other.stop();
    expect(await outcome).not.toBe('no failure');
    await other.stop();
  });
});

describe('tokens', () => {
  it('can all be revoked, at once or at a request to come', async () => {
    simulator.faults.revokeTokens();
    expect((await probe.call('GET', '/users')).status).toBe(401);
    await probe.login();
    simulator.faults.add({ effect: { kind: 'revoke-tokens' }, method: 'POST' });
    expect((await probe.call('GET', '/users')).status).toBe(200);
    expect((await post()).status).toBe(401);
    expect(simulator.log.at(-1)?.fault).toBe('revoke-tokens');
    await probe.login();
    expect((await post()).status).toBe(201);
  });

  it('can meet a burst of 401 although they are good', async () => {
    simulator.faults.add({ effect: { kind: 'status', status: 401 }, count: 3 });
    const statuses = [];
    for (let sent = 0; sent < 4; sent += 1) statuses.push((await probe.call('GET', '/users')).status);
    expect(statuses).toEqual([401, 401, 401, 200]);
  });

  it.each<[FaultEffect, number]>([
    [{ kind: 'status', status: 429, retryAfter: 2 }, 429],
    [{ kind: 'status', status: 503 }, 503],
    [{ kind: 'malformed', body: 'html' }, 200],
  ])('are hard to come by with %j', async (effect, status) => {
    simulator.faults.add({ on: 'token', effect });
    expect((await probe.call('GET', '/users')).status).toBe(200);
    const answer = await probe.askToken();
    expect([answer.status, answer.json['access_token']]).toEqual([status, undefined]);
    expect((await probe.askToken()).status).toBe(200);
  });

  it('may be granted without the client hearing of it', async () => {
    simulator.faults.add({ on: 'token', effect: { kind: 'reset', when: 'after' } });
    await expect(probe.askToken()).rejects.toThrow('fetch failed');
    expect((await probe.askToken()).status).toBe(200);
  });
});

describe('rules', () => {
  it('pick requests by method, path, login, place and number', async () => {
    const id = await probe.create('bob@example.com');
    const status = 500;
    simulator.faults.add({
      effect: { kind: 'status', status },
      method: 'patch',
      path: `/users/${id}$`,
      nth: 2,
      count: 2,
    });
    const statuses = [];
    for (let sent = 0; sent < 4; sent += 1) {
      expect((await probe.call('GET', `/users/${id}`)).status).toBe(200);
      statuses.push((await probe.patch(id, { op: 'replace', path: 'title', value: 'x' })).status);
    }
    expect(statuses).toEqual([200, 500, 500, 200]);
    expect(simulator.faults.list()).toEqual([]);
  });

  it('pick requests by the login in the body or behind the id', async () => {
    const bob = await probe.create('bob@example.com');
    simulator.faults.add({ effect: { kind: 'status', status: 500 }, userName: 'ANN@example.com', count: null });
    simulator.faults.add({ effect: { kind: 'status', status: 503 }, userName: 'bob@example.com' });
    expect((await post('cid@example.com')).status).toBe(201);
    expect((await post()).status).toBe(500);
    expect((await post()).status).toBe(500);
    expect((await probe.call('GET', `/users/${bob}`)).status).toBe(503);
    expect(simulator.faults.list()).toMatchObject([{ left: null }]);
  });

  it('are used up one after the other, oldest first, and can be cleared', async () => {
    simulator.faults.add({ effect: { kind: 'status', status: 500 } });
    const id = simulator.faults.add({ effect: { kind: 'status', status: 503 } });
    simulator.faults.add({ effect: { kind: 'status', status: 504 }, count: null });
    simulator.faults.clear(id);
    expect((await post()).status).toBe(500);
    expect((await post()).status).toBe(504);
    simulator.faults.clear();
    expect((await post()).status).toBe(201);
  });

  it('are not spent on requests that are refused for their token or their rate', async () => {
    simulator.faults.add({ effect: { kind: 'status', status: 500 } });
    const { token } = probe;
    probe.token = 'bad';
    expect((await post()).status).toBe(401);
    probe.token = token;
    expect((await post()).status).toBe(500);
  });
});

describe('outages', () => {
  it('can refuse connections to the API on its own port, and end', async () => {
    await simulator.faults.setOutage('refused');
    // Connections that the client still holds from earlier may be found closed first.
    const codes: unknown[] = [];
    while (codes.length < 20 && codes.at(-1) !== 'ECONNREFUSED') codes.push(await codeOf(post()));
    expect(codes.at(-1)).toBe('ECONNREFUSED');
    expect(stored()).toEqual([]);
    await expect(probe.askToken()).rejects.toThrow('fetch failed');
    await simulator.faults.setOutage(null);
    expect((await post()).status).toBe(201);
    expect((await probe.askToken()).status).toBe(200);
  });

  it('can cut every connection, or answer 503 to all', async () => {
    await simulator.faults.setOutage('reset');
    await expect(post()).rejects.toThrow('fetch failed');
    await expect(probe.askToken()).rejects.toThrow('fetch failed');
    await simulator.faults.setOutage('unavailable');
    expect((await post()).status).toBe(503);
    expect((await probe.askToken()).status).toBe(503);
    await simulator.faults.setOutage(null);
    expect((await post()).status).toBe(201);
  });
});
