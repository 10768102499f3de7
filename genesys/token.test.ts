import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { inTurn, noRequests, startScriptedGenesys } from '../test/support/genesys-target.ts';
import type { Script, ScriptedGenesys } from '../test/support/genesys-target.ts';
import { sendJson } from '../test/support/http-server.ts';
import type { Reply } from '../test/support/http-server.ts';
import { openGenesys } from './open.ts';
import type { Genesys, GenesysOptions } from './open.ts';
import { unpaced } from './pace.ts';

const USER = { id: 'u-1', userName: 'ann@example.com', active: true };
const NOT_AUTHENTICATED = {
  message: 'Invalid login credentials.',
  code: 'bad.credentials',
  status: 401,
  contextId: 'c',
};

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

const ok: Reply = (_request, response) => sendJson(response, 200, USER);
const unauthorized: Reply = (_request, response) => sendJson(response, 401, NOT_AUTHENTICATED);

/** Issues `token-1`, `token-2`, ... that live as long as told. */
function issuing(...lives: unknown[]): Reply {
  let issued = 0;
  return (_request, response) => {
    const life = lives[Math.min(issued, lives.length - 1)];
    issued += 1;
    sendJson(response, 200, { access_token: `token-${issued}`, token_type: 'bearer', expires_in: life });
  };
}

async function open(
  script: Partial<Script>,
  options: GenesysOptions = {},
  change: (service: ScriptedGenesys) => void = () => {},
): Promise<{ service: ScriptedGenesys; genesys: Genesys }> {
  const service = await startScriptedGenesys({ api: ok, ...script });
  opened.push(service);
  change(service);
  const genesys = openGenesys(service.settings, unpaced, options);
  opened.push(genesys);
  return { service, genesys };
}

const get = (genesys: Genesys, requests = noRequests()) => genesys.get('u-1', { requests });
const bearers = (service: ScriptedGenesys) => service.api.received.map(({ headers }) => headers.authorization);

test('a token is fetched when it is first needed, by basic authentication, and kept', async () => {
  const { service, genesys } = await open({});
  expect(service.login.received).toEqual([]);
  const requests = noRequests();
  await get(genesys, requests);
  await get(genesys, requests);
  expect(service.login.received).toHaveLength(1);
  expect(service.login.received[0]).toMatchObject({
    method: 'POST',
    path: '/oauth/token',
    body: 'grant_type=client_credentials',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from('client-id:client-secret').toString('base64')}`,
    },
  });
  expect(bearers(service)).toEqual(['Bearer token-1', 'Bearer token-1']);
  expect(requests).toEqual({ token: 1, read: 2, write: 0, throttled: 0 });
});

test('body style sends the client in the form, and a scope where one is set', async () => {
  const { service, genesys } = await open({}, {}, ({ settings }) => {
    settings.auth = { style: 'body', scope: 'scim a' };
    settings.clientSecret = { read: () => 's&cret=' };
  });
  await genesys.authenticate({ requests: noRequests() });
  const [request] = service.login.received;
  expect(request?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'client-id',
    client_secret: 's&cret=',
    scope: 'scim a',
  });
});

test('calls at the same time share one token request, counted once', async () => {
  const { service, genesys } = await open({});
  const counts = Array.from({ length: 10 }, noRequests);
  await Promise.all(counts.map((requests) => get(genesys, requests)));
  expect(service.login.received).toHaveLength(1);
  expect(counts.reduce((sum, { token }) => sum + token, 0)).toBe(1);
  expect(new Set(bearers(service))).toEqual(new Set(['Bearer token-1']));
});

test('a token is renewed in the background at half of a short life, and the next call reports it', async () => {
  const { service, genesys } = await open({ token: issuing(2, 86_399) });
  const first = noRequests();
  await get(genesys, first);
  await vi.waitFor(() => expect(service.login.received).toHaveLength(2), { timeout: 20_000 });
  const second = noRequests();
  await vi.waitFor(
    async () => {
      await get(genesys, second);
      expect(bearers(service).at(-1)).toBe('Bearer token-2');
    },
    { timeout: 20_000 },
  );
  await get(genesys, second);
  expect(service.login.received).toHaveLength(2);
  expect([first.token, second.token]).toEqual([1, 1]);
});

test('a token is not used in the last quarter of a short life', async () => {
  const broken: Reply = (_request, response) => sendJson(response, 400, { error: 'invalid_client' });
  const { service, genesys } = await open({ token: inTurn(issuing(2), broken, issuing(86_399)) });
  await get(genesys);
  // The renewal at 1 s fails; the token, valid until 2 s, may be used until 1.5 s.
  await vi.waitFor(() => expect(service.login.received).toHaveLength(2), { timeout: 20_000 });
  await sleep(1_000);
  await get(genesys);
  expect(service.login.received).toHaveLength(3);
});

test('a background renewal that fails leaves the token in use and the process alive', async () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const broken: Reply = (_request, response) => sendJson(response, 400, { error: 'invalid_client' });
  const { service, genesys } = await open({ token: inTurn(issuing(8), broken) });
  await get(genesys);
  await vi.waitFor(() => expect(service.login.received).toHaveLength(2), { timeout: 20_000 });
  expect(await get(genesys)).toMatchObject({ user: { id: 'u-1' } });
  expect(bearers(service)).toEqual(['Bearer token-1', 'Bearer token-1']);
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
});

test('a token of 450 days does not make the timer run over', async () => {
  const { service, genesys } = await open({ token: issuing(38_880_000) });
  await get(genesys);
  await sleep(600);
  await get(genesys);
  expect(service.login.received).toHaveLength(1);
});

test('an answer without expires_in is taken for a short life', async () => {
  const { service, genesys } = await open({ token: issuing(undefined) });
  await get(genesys);
  await get(genesys);
  expect(service.login.received).toHaveLength(1);
});

test('a 401 of the API costs one new token and one repetition, for a write too', async () => {
  const { service, genesys } = await open({ api: inTurn(unauthorized, ok) });
  const requests = noRequests();
  await genesys.patch('u-1', { Operations: [] }, { requests });
  expect(service.calls()).toEqual(['PATCH /api/v2/scim/v2/users/u-1', 'PATCH /api/v2/scim/v2/users/u-1']);
  expect(bearers(service)).toEqual(['Bearer token-1', 'Bearer token-2']);
  expect(requests).toEqual({ token: 2, read: 0, write: 2, throttled: 0 });
});

test('a dead token that many calls hold at once is replaced once and counts once', async () => {
  const { service, genesys } = await open({
    api: (request, response) =>
      (request.headers.authorization === 'Bearer token-1' ? unauthorized : ok)(request, response),
  });
  await Promise.all(Array.from({ length: 8 }, () => get(genesys)));
  expect(service.login.received).toHaveLength(2);
});

test('three tokens refused in a row are bad credentials after a pause', async () => {
  const { service, genesys } = await open({ api: unauthorized }, { refusedPauseMs: 300 });
  await expect(get(genesys)).rejects.toMatchObject({ code: 'genesys.unauthorized', retryable: true });
  const begun = Date.now();
  await expect(get(genesys)).rejects.toMatchObject({ code: 'genesys.credentials', retryable: false });
  expect(Date.now() - begun).toBeGreaterThanOrEqual(290);
  expect(service.calls()).toHaveLength(3);
  expect(service.login.received).toHaveLength(3);
});

test('an accepted token ends the row of refusals', async () => {
  const { genesys } = await open({ api: inTurn(unauthorized, ok, unauthorized, ok, unauthorized, ok) });
  for (let call = 0; call < 3; call += 1) expect(await get(genesys)).not.toBeNull();
});

test('a signal ends the pause', async () => {
  const { genesys } = await open({ api: unauthorized }, { refusedPauseMs: 600_000 });
  await expect(get(genesys)).rejects.toMatchObject({ code: 'genesys.unauthorized' });
  const signal = AbortSignal.timeout(200);
  await expect(genesys.get('u-1', { signal, requests: noRequests() })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a secret rotated in its file is found after a 401', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-secret-'));
  opened.push({ close: () => rm(folder, { recursive: true }) });
  const file = join(folder, 'secret');
  await writeFile(file, 'old');
  const token: Reply = (request, response) => {
    const given = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
    sendJson(response, 200, { access_token: given.replace('client-id:', 'of-'), expires_in: 86_399 });
  };
  let valid = 'of-old';
  const api: Reply = (request, response) =>
    (request.headers.authorization === `Bearer ${valid}` ? ok : unauthorized)(request, response);
  const { genesys } = await open({ token, api }, {}, ({ settings }) => {
    settings.clientSecret = { read: () => readFileSync(file, 'utf8') };
  });
  await get(genesys);
  await writeFile(file, 'new');
  valid = 'of-new';
  expect(await get(genesys)).not.toBeNull();
});

test.each([
  [400, { error: 'invalid_client', description: 'client not found', error_description: 'client not found' }],
  [401, { error: 'invalid_client', error_description: 'authentication failed' }],
])('a token request answered %i is bad credentials, at once and without the secret', async (status, body) => {
  const { service, genesys } = await open({ token: (_request, response) => sendJson(response, status, body) });
  const failure = genesys.authenticate({ requests: noRequests() });
  await expect(failure).rejects.toMatchObject({ code: 'genesys.credentials', retryable: false, unknownOutcome: false });
  await expect(failure).rejects.toThrow(/invalid_client.*GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET/);
  await expect(failure).rejects.not.toThrow(/client-secret/);
  expect(service.login.received).toHaveLength(1);
  expect(service.calls()).toEqual([]);
});

test('a token request is tried again after a 429, as long as it asks, and after a 503', async () => {
  const throttled: Reply = (_request, response) => sendJson(response, 429, {}, { 'retry-after': '0' });
  const broken: Reply = (_request, response) => sendJson(response, 503, {});
  const { genesys } = await open({ token: inTurn(throttled, broken, issuing(86_399)) });
  const requests = noRequests();
  await genesys.authenticate({ requests });
  expect(requests).toEqual({ token: 3, read: 0, write: 0, throttled: 1 });
});

test('a token request that is refused for longer than the budget says when to come back', async () => {
  const throttled: Reply = (_request, response) => sendJson(response, 429, {}, { 'retry-after': '42' });
  const { genesys } = await open({ token: throttled });
  const failure = await genesys.create({}, { requests: noRequests() }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'genesys.throttled', retryable: true, unknownOutcome: false });
  expect((failure as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(42_250);
});

test('a token service that fails on and on is given up when the budget is used up', async () => {
  const broken: Reply = (_request, response) => sendJson(response, 500, {});
  const { service, genesys } = await open({ token: broken }, { retryBudgetMs: 800 });
  await expect(genesys.authenticate({ requests: noRequests() })).rejects.toMatchObject({
    code: 'genesys.server-error',
    retryable: true,
  });
  expect(service.login.received.length).toBeGreaterThan(1);
});

test('a token service that hangs never leaves the outcome of a write open', async () => {
  const { service, genesys } = await open({ token: () => {} }, { requestTimeoutMs: 100, retryBudgetMs: 250 });
  await expect(genesys.create({}, { requests: noRequests() })).rejects.toMatchObject({ unknownOutcome: false });
  expect(service.calls()).toEqual([]);
});

test.each([
  ['a page of a proxy', '<html>hello</html>'],
  ['no token', '{"token_type":"bearer"}'],
  ['a token that would break the header', '{"access_token":"a\\r\\nb","expires_in":86399}'],
  ['a life of nothing', '{"access_token":"a","expires_in":0}'],
])('%s from the token service is no token', async (_name, body) => {
  const { service, genesys } = await open({ token: (_request, response) => response.end(body) });
  await expect(get(genesys)).rejects.toMatchObject({ code: 'genesys.protocol' });
  expect(service.calls()).toEqual([]);
});

test('a call that is cancelled while it waits for the token leaves the others their token', async () => {
  const { service, genesys } = await open({
    token: (request, response) => void setTimeout(() => issuing(86_399)(request, response), 300),
  });
  const signal = AbortSignal.timeout(50);
  const cancelled = genesys.get('u-1', { signal, requests: noRequests() });
  const other = get(genesys);
  await expect(cancelled).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(await other).not.toBeNull();
  expect(service.login.received).toHaveLength(1);
});

test('close ends a token request under way and every renewal', async () => {
  const { service, genesys } = await open({ token: inTurn(issuing(1.2), () => {}) });
  await get(genesys);
  await vi.waitFor(() => expect(service.login.received).toHaveLength(2), { timeout: 20_000 });
  await genesys.close();
  await genesys.close();
  await expect(get(genesys)).rejects.toMatchObject({ code: 'genesys.unreachable' });
  expect(service.login.received).toHaveLength(2);
});
