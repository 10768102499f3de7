import { afterEach, expect, test, vi } from 'vitest';
import { LaterError } from '../model/errors.ts';
import { inTurn, noRequests, startScriptedGenesys, targetSettings } from '../test/support/genesys-target.ts';
import type { ScriptedGenesys } from '../test/support/genesys-target.ts';
import { sendJson } from '../test/support/http-server.ts';
import type { Reply } from '../test/support/http-server.ts';
import { openGenesys } from './open.ts';
import type { Genesys, GenesysOptions } from './open.ts';
import { unpaced } from './pace.ts';
import type { Pace, SeenAllowance } from './pace.ts';

const ID = 'd2ac184e-4733-41e9-8a45-3459e1efd8c7';
const USER = { id: ID, userName: 'ann@example.com', active: true, meta: { version: '56' } };
const SECRET_BODY = { userName: 'ann@example.com', displayName: 'Ann Lee', title: 'Chief Pilot' };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function open(
  api: Reply,
  options: GenesysOptions = {},
  pace: Pace = unpaced,
): Promise<{ service: ScriptedGenesys; genesys: Genesys }> {
  const service = await startScriptedGenesys({ api });
  const genesys = openGenesys(service.settings, pace, options);
  opened.push(service, genesys);
  return { service, genesys };
}

const call = () => ({ requests: noRequests() });
const ok: Reply = (_request, response) => sendJson(response, 200, USER, { 'inin-correlation-id': 'c-1' });
const failing =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (_request, response) =>
    sendJson(response, status, { message: 'no', code: 'internal.server.error', status, contextId: 'c-2' }, headers);
const reset: Reply = (_request, response) => void response.socket?.resetAndDestroy();
const hang: Reply = () => {};

/** Half an answer in chunks, and then either the end of the connection or a proper end of the chunks. */
const truncated =
  (proper: boolean): Reply =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.write('{"id":"d2ac', () => (proper ? response.end() : response.destroy()));
  };

test('a user is created by POST in SCIM JSON', async () => {
  const { service, genesys } = await open((_request, response) => sendJson(response, 201, USER));
  const answer = await genesys.create(SECRET_BODY, call());
  expect(answer).toEqual({ user: USER, status: 201, correlationId: null });
  const [request] = service.api.received;
  expect(request).toMatchObject({ method: 'POST', url: '/api/v2/scim/v2/users' });
  expect(request?.headers).toMatchObject({ 'content-type': 'application/scim+json', accept: 'application/scim+json' });
  expect(JSON.parse(request?.body ?? '')).toEqual(SECRET_BODY);
});

test('a user is changed by PATCH with the PatchOp schema, and the version in quotes', async () => {
  const { service, genesys } = await open(ok);
  const Operations = [{ op: 'replace', path: 'title', value: 'Pilot' }];
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations };
  expect(await genesys.patch(ID, body, call(), { version: '56' })).toMatchObject({ status: 200, correlationId: 'c-1' });
  await genesys.patch(ID, { Operations }, call());
  const [first, second] = service.api.received;
  expect(first).toMatchObject({ method: 'PATCH', url: `/api/v2/scim/v2/users/${ID}`, headers: { 'if-match': '"56"' } });
  expect(JSON.parse(first?.body ?? '')).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'Pilot' }],
  });
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['if-match']).toBeUndefined();
});

test('a user is read by id; one whom the service does not know is null', async () => {
  const unknown: Reply = (_request, response) =>
    sendJson(response, 404, { message: 'User could not be found.', code: 'not.found', status: 404, contextId: 'c' });
  const { genesys } = await open(inTurn(ok, unknown));
  expect(await genesys.get(ID, call())).toMatchObject({ user: USER, correlationId: 'c-1' });
  expect(await genesys.get(ID, call())).toBeNull();
});

test('a 404 of a wrong host is an error, not an absent user', async () => {
  const { genesys } = await open((_request, response) => response.writeHead(404).end('<html>nginx</html>'));
  await expect(genesys.get(ID, call())).rejects.toMatchObject({ code: 'genesys.protocol', retryable: false });
});

test.each(['', '..', 'a/b', 'a?b'])('an id like %j never reaches the service', async (id) => {
  const { service, genesys } = await open(ok);
  await expect(genesys.get(id, call())).rejects.toMatchObject({ code: 'genesys.invalid' });
  await expect(genesys.patch(id, {}, call())).rejects.toMatchObject({ code: 'genesys.invalid' });
  expect(service.calls()).toEqual([]);
});

test('connections are kept and used again', async () => {
  const { service, genesys } = await open(ok);
  for (let turn = 0; turn < 20; turn += 1) await genesys.get(ID, call());
  expect(service.api.received).toHaveLength(20);
  // undici frees a connection one turn of the event loop after its answer, so that two take turns.
  expect(service.api.connections()).toBeLessThanOrEqual(2);
  expect(service.login.connections()).toBe(1);
});

test('connections are bounded', async () => {
  const service = await startScriptedGenesys({
    api: (request, response) => void setTimeout(() => ok(request, response), 20),
  });
  const genesys = openGenesys({ ...service.settings, requestsPerMinute: 60 }, unpaced);
  opened.push(service, genesys);
  await Promise.all(Array.from({ length: 20 }, () => genesys.get(ID, call())));
  expect(service.api.connections()).toBe(4);
});

test.each([
  ['429', failing(429, { 'retry-after': '0' }), 1],
  ['408', failing(408), 0],
  ['500', failing(500), 0],
  ['503', failing(503, { 'retry-after': '0' }), 0],
  ['a reset', reset, 0],
  ['an answer cut short', truncated(false), 0],
  ['a hang', hang, 0],
])('a read is repeated after %s', async (_name, reply, throttled) => {
  const { genesys } = await open(inTurn(reply, ok), { requestTimeoutMs: 1_000 });
  const requests = noRequests();
  expect(await genesys.get(ID, { requests })).toMatchObject({ user: USER });
  expect(requests).toEqual({ token: 1, read: 2, write: 0, throttled });
});

test.each([
  ['400', failing(400), 'genesys.invalid'],
  ['403', failing(403), 'genesys.forbidden'],
  ['501', failing(501), 'genesys.server-error'],
  ['a 429 that asks for more than the budget', failing(429, { 'retry-after': '60' }), 'genesys.throttled'],
])('a read is not repeated after %s', async (_name, reply, code) => {
  const { service, genesys } = await open(inTurn(reply, ok));
  await expect(genesys.get(ID, call())).rejects.toMatchObject({ code });
  expect(service.calls()).toHaveLength(1);
});

test('reads give up when their budget is used up', async () => {
  const { service, genesys } = await open(failing(503), { retryBudgetMs: 700 });
  await expect(genesys.get(ID, call())).rejects.toMatchObject({ code: 'genesys.server-error', retryable: true });
  expect(service.calls().length).toBeGreaterThan(1);
});

test.each([
  ['429', failing(429, { 'retry-after': '3' }), 'genesys.throttled', false],
  ['409', failing(409), 'genesys.conflict', false],
  ['500', failing(500), 'genesys.server-error', true],
  ['504', failing(504), 'genesys.server-error', true],
  ['a reset', reset, 'genesys.unreachable', true],
  ['an answer cut short', truncated(false), 'genesys.unreachable', true],
  ['a hang', hang, 'genesys.timeout', true],
  ['truncated JSON', truncated(true), 'genesys.protocol', true],
  ['a page of a proxy', (_request, response) => response.end('<html></html>'), 'genesys.protocol', true],
  [
    'a user without a login',
    (_request, response) => sendJson(response, 200, { id: ID, active: true }),
    'genesys.protocol',
    true,
  ],
  ['an empty 204', (_request, response) => response.writeHead(204).end(), 'genesys.protocol', true],
] as [string, Reply, string, boolean][])(
  'a write is never repeated after %s, which says whether it may have been carried out',
  async (_name, reply, code, unknownOutcome) => {
    const { service, genesys } = await open(inTurn(reply, ok), { requestTimeoutMs: 1_000 });
    const requests = noRequests();
    await expect(genesys.create(SECRET_BODY, { requests })).rejects.toMatchObject({ code, unknownOutcome });
    expect(service.calls()).toEqual(['POST /api/v2/scim/v2/users']);
    expect(requests.write).toBe(1);
  },
);

test('a 429 on a write says when to come back and is counted', async () => {
  const { genesys } = await open(failing(429, { 'retry-after': '42' }));
  const requests = noRequests();
  const failure = await genesys.patch(ID, {}, { requests }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'genesys.throttled', retryable: true, unknownOutcome: false });
  expect((failure as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(42_000);
  expect(requests).toEqual({ token: 1, read: 0, write: 1, throttled: 1 });
});

test('an answer about another user is not taken', async () => {
  const { genesys } = await open((_request, response) => sendJson(response, 200, { ...USER, id: 'other' }));
  await expect(genesys.patch(ID, {}, call())).rejects.toMatchObject({ code: 'genesys.protocol', unknownOutcome: true });
});

test('an attribute that is null counts as absent, and a numeric version as text', async () => {
  const { genesys } = await open((_request, response) =>
    sendJson(response, 200, { ...USER, title: null, displayName: null, meta: { version: 56 } }),
  );
  expect((await genesys.get(ID, call()))?.user).toEqual(USER);
});

test('an API that refuses connections was certainly not written to', async () => {
  const service = await startScriptedGenesys({ api: ok });
  await service.api.close();
  const genesys = openGenesys(service.settings, unpaced);
  opened.push(service.login, genesys);
  const requests = noRequests();
  await expect(genesys.create(SECRET_BODY, { requests })).rejects.toMatchObject({
    code: 'genesys.unreachable',
    retryable: true,
    unknownOutcome: false,
  });
  expect(requests).toEqual({ token: 1, read: 0, write: 0, throttled: 0 });
});

test('an unknown region is told at once', async () => {
  const settings = targetSettings('https://api.nowhere.invalid', 'https://login.nowhere.invalid/oauth/token');
  const genesys = openGenesys(settings, unpaced);
  opened.push(genesys);
  await expect(genesys.get(ID, call())).rejects.toThrow(/login\.nowhere\.invalid is unknown.*target\.region/);
});

test('no value that was sent stands in an error', async () => {
  const { genesys } = await open((_request, response) =>
    sendJson(response, 400, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
      scimType: 'invalidValue',
      detail: 'Chief Pilot of Ann Lee <ann@example.com> is not valid for title',
    }),
  );
  const failure = await genesys.create(SECRET_BODY, call()).catch((error: unknown) => String(error));
  expect(failure).toContain('400 invalidValue');
  expect(failure).toContain('is not valid for title');
  expect(failure).not.toMatch(/ann|lee|chief|pilot/i);
});

test('every API request takes its place in the pace, the token none; every answer corrects it', async () => {
  const taken = vi.fn<() => Promise<void>>(async () => {});
  const seen: SeenAllowance[] = [];
  const pace: Pace = { take: taken, observe: async (allowance) => void seen.push(allowance) };
  const headers = { 'inin-ratelimit-allowed': '300', 'inin-ratelimit-count': '12', 'inin-ratelimit-reset': '34' };
  const { genesys } = await open(
    inTurn(failing(429, { 'retry-after': '0' }), (_request, response) => sendJson(response, 200, USER, headers)),
    {},
    pace,
  );
  await genesys.get(ID, call());
  expect(taken).toHaveBeenCalledTimes(2);
  expect(seen).toEqual([
    { allowed: null, count: null, resetSeconds: null, retryAfterSeconds: 0 },
    { allowed: 300, count: 12, resetSeconds: 34, retryAfterSeconds: null },
  ]);
});

test('what somebody waits for goes ahead in the pace, with each of its requests', async () => {
  const taken = vi.fn<Pace['take']>(async () => {});
  const { genesys } = await open(ok, {}, { ...unpaced, take: taken });
  const urgent = { ...call(), urgent: true };
  await genesys.admit(urgent);
  await genesys.create(SECRET_BODY, urgent);
  await genesys.get(ID, urgent);
  await genesys.get(ID, call());
  expect(taken.mock.calls.map(([, how]) => how?.urgent)).toEqual([true, true, false]);
});

test('a pace that asks to come back later sends nothing', async () => {
  const pace: Pace = {
    ...unpaced,
    take: async () => {
      throw new LaterError('The allowance is used up: the request waits.', 30_000);
    },
  };
  const { service, genesys } = await open(ok, {}, pace);
  await expect(genesys.create(SECRET_BODY, call())).rejects.toBeInstanceOf(LaterError);
  expect(service.calls()).toEqual([]);
});

test('a pace that cannot be corrected does not cost the answer of a write', async () => {
  const pace: Pace = {
    ...unpaced,
    observe: async () => {
      throw new Error('state is busy');
    },
  };
  const { genesys } = await open(ok, {}, pace);
  expect(await genesys.create(SECRET_BODY, call())).toMatchObject({ user: USER });
});

test('a signal ends the wait between two reads', async () => {
  const { genesys } = await open(failing(429, { 'retry-after': '15' }));
  const signal = AbortSignal.timeout(200);
  await expect(genesys.get(ID, { signal, requests: noRequests() })).rejects.toMatchObject({ name: 'TimeoutError' });
});
