import { afterEach, expect, test } from 'vitest';
import { PROFILES } from '../model/profile.ts';
import { inTurn, noRequests, startScriptedGenesys } from '../test/support/genesys-target.ts';
import type { ScriptedGenesys } from '../test/support/genesys-target.ts';
import { sendJson } from '../test/support/http-server.ts';
import type { Reply } from '../test/support/http-server.ts';
import { openGenesys } from './open.ts';
import type { Genesys } from './open.ts';
import { unpaced } from './pace.ts';

const ANN = { id: 'u/1', userName: 'ann' };
const USERS = '/scim/v2/Users';
const LIST = { totalResults: 1, Resources: [ANN] };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** A service of profile `generic` whose SCIM root has a path. */
async function open(api: Reply): Promise<{ service: ScriptedGenesys; genesys: Genesys }> {
  const service = await startScriptedGenesys({ api });
  const settings = { ...service.settings, baseUrl: `${service.api.origin}/scim/v2`, profile: 'generic' as const };
  const genesys = openGenesys(settings, unpaced, { retryBudgetMs: 400 });
  opened.push(service, genesys);
  return { service, genesys };
}

const call = () => ({ requests: noRequests() });
const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (_request, response) => {
    if (body === null) response.writeHead(status, headers).end();
    else sendJson(response, status, body, headers);
  };

test('everybody is in one listing without a filter; who has no active is active', async () => {
  const { service, genesys } = await open(answering(200, LIST));
  for await (const page of genesys.list(call())) expect(page).toEqual([{ ...ANN, active: true }]);
  expect(service.api.received.map(({ url }) => url)).toEqual(['/scim/v2/Users?startIndex=1&count=25']);
});

test('a filter that finds nobody is not followed by a search of the inactive ones', async () => {
  const { service, genesys } = await open(answering(200, { totalResults: 0 }));
  expect(await genesys.findByUserName('ann', call())).toEqual([]);
  expect(service.api.received.map(({ url }) => decodeURIComponent(url))).toEqual([
    '/scim/v2/Users?filter=userName eq "ann"&startIndex=1&count=25',
  ]);
});

test.each<[string, Reply]>([
  ['his id', answering(201, { id: 'u/1' })],
  ['his location', answering(201, null, { location: `https://x.example${USERS}/u%2F1` })],
])('a new user whose answer is only %s is read', async (_name, created) => {
  const { service, genesys } = await open(inTurn(created, answering(200, ANN)));
  expect(await genesys.create({ userName: 'ann' }, call())).toMatchObject({ user: ANN, status: 201 });
  expect(service.calls()).toEqual([`POST ${USERS}`, `GET ${USERS}/u%2F1`]);
});

test('a changed user whose answer is empty is read', async () => {
  const { service, genesys } = await open(inTurn(answering(204, null), answering(200, ANN)));
  expect(await genesys.patch('u/1', { Operations: [] }, call())).toMatchObject({ user: ANN, status: 204 });
  expect(service.calls()).toEqual([`PATCH ${USERS}/u%2F1`, `GET ${USERS}/u%2F1`]);
});

test.each([403, 404, 500])(
  'a write whose user cannot be read afterwards (%i) has an unknown outcome',
  async (status) => {
    const refused = answering(status, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: `${status}`,
    });
    const { genesys } = await open(inTurn(answering(204, null), refused));
    const error = { code: 'genesys.protocol', unknownOutcome: true, retryable: true };
    await expect(genesys.patch('u/1', { Operations: [] }, call())).rejects.toMatchObject(error);
  },
);

test('any text but an empty one and a step of a path is an id', () => {
  const { ids } = PROFILES.generic;
  expect(['', '.', '..', 'a'.repeat(251)].filter((id) => ids.test(id))).toEqual([]);
  expect(['1', 'ann@corp.example', 'a b/c', '...'].filter((id) => !ids.test(id))).toEqual([]);
});

test.each([400, 401, 403, 404, 409, 412, 429, 500])(
  'a refusal (%i) is told in one sentence that does not speak of Genesys Cloud',
  async (status) => {
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: `${status}`, detail: 'no' };
    const { genesys } = await open(answering(status, body));
    const error = await genesys.create({ userName: 'ann' }, call()).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/^GenesysError: \S[^\n]*\.$/);
    expect(String(error)).not.toMatch(/Genesys Cloud|region|SCIM Integration/);
  },
);
