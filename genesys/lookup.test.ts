import { afterEach, expect, test } from 'vitest';
import { GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import { noRequests, startScriptedGenesys } from '../test/support/genesys-target.ts';
import type { ScriptedGenesys } from '../test/support/genesys-target.ts';
import { sendJson } from '../test/support/http-server.ts';
import type { Reply } from '../test/support/http-server.ts';
import { openGenesys } from './open.ts';
import type { Genesys } from './open.ts';
import { unpaced } from './pace.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

const call = () => ({ requests: noRequests() });
const ANN: ScimUser = {
  id: 'u-1',
  userName: 'Ann@Example.com',
  active: true,
  externalId: 'guid-1',
  title: 'Pilot',
  [GENESYS_USER]: { externalIds: [{ authority: 'ad-objectguid', value: 'guid-1' }] },
};
const INACTIVE_ANN: ScimUser = { ...ANN, active: false };

/** A service that answers the look-up with `found`, the inactive listing with `inactive`, and ids with either. */
function holding(found: ScimUser[], inactive: ScimUser[]): Reply {
  return (request, response) => {
    const id = /users\/(.+)$/.exec(request.path)?.[1];
    if (id !== undefined)
      return sendJson(
        response,
        200,
        [...found, ...inactive].find((user) => user.id === id),
      );
    const all = request.query.get('filter') === 'active eq false' ? inactive : found;
    const start = Number(request.query.get('startIndex')) - 1;
    const page = all.slice(start, start + Number(request.query.get('count')));
    return sendJson(response, 200, { totalResults: all.length, Resources: page });
  };
}

async function open(api: Reply): Promise<{ service: ScriptedGenesys; genesys: Genesys }> {
  const service = await startScriptedGenesys({ api });
  const genesys = openGenesys(service.settings, unpaced);
  opened.push(service, genesys);
  return { service, genesys };
}

const LOOKUPS: [string, (genesys: Genesys) => Promise<ScimUser[]>, string][] = [
  ['login', (genesys) => genesys.findByUserName('ann@example.com', call()), 'userName eq "ann@example.com"'],
  ['external id', (genesys) => genesys.findByExternalId('guid-1', call()), 'externalId eq "guid-1"'],
  [
    'authority',
    (genesys) => genesys.findByAuthority('ad-objectguid', 'guid-1', call()),
    `${GENESYS_USER}:externalIds[authority eq "ad-objectguid" and value eq "guid-1"]`,
  ],
];

test.each(LOOKUPS)('an active user is found by %s with one request', async (_name, find, filter) => {
  const { service, genesys } = await open(holding([ANN], []));
  expect(await find(genesys)).toEqual([ANN]);
  expect(service.api.received.map(({ query }) => query.get('filter'))).toEqual([filter]);
});

test.each(LOOKUPS)('an inactive user is found by %s in the inactive listing, and read whole', async (_name, find) => {
  const others = Array.from({ length: 120 }, (_, index) => ({
    ...INACTIVE_ANN,
    id: `o-${index}`,
    userName: `o${index}@x.example`,
    externalId: 'o',
    [GENESYS_USER]: {},
  }));
  const { service, genesys } = await open(holding([], [...others, INACTIVE_ANN]));
  expect(await find(genesys)).toEqual([INACTIVE_ANN]);
  expect(service.calls().at(-1)).toBe('GET /api/v2/scim/v2/users/u-1');
});

test('the inactive listing is left alone where the caller says so', async () => {
  const { service, genesys } = await open(holding([], [INACTIVE_ANN]));
  expect(await genesys.findByExternalId('guid-1', call(), { inactive: false })).toEqual([]);
  expect(service.calls()).toHaveLength(1);
});

test.each(LOOKUPS)('nobody by %s is an empty answer', async (_name, find) => {
  const { genesys } = await open(holding([], []));
  expect(await find(genesys)).toEqual([]);
});

test.each(LOOKUPS)('a user whom a lax service returns for another %s is left out', async (_name, find) => {
  const other = { id: 'u-2', userName: 'ann@example.com.au', active: true, externalId: 'guid-11' };
  const { genesys } = await open(holding([other], [other]));
  expect(await find(genesys)).toEqual([]);
});

test('a service that ignores the filter is found out at the first page', async () => {
  const everybody = Array.from({ length: 5_000 }, (_, index) => ({ ...ANN, id: `u-${index}` }));
  const { service, genesys } = await open(holding(everybody, []));
  await expect(genesys.findByUserName('ann@example.com', call())).rejects.toMatchObject({ code: 'genesys.protocol' });
  expect(service.calls()).toHaveLength(1);
});

test.each([
  'a+b&c=d%20@example.com',
  'o"brien\\@example.com',
  'müller@exämple.com',
  'x" or active eq true or userName eq "y',
])('the value %j stays one value of the filter', async (userName) => {
  const { service, genesys } = await open(holding([], []));
  await genesys.findByUserName(userName, call());
  expect(service.api.received[0]?.query.get('filter')).toBe(`userName eq ${JSON.stringify(userName)}`);
  expect(service.api.received[0]?.url).not.toMatch(/[ "+]/);
});

test('the value that was looked for does not stand in an error', async () => {
  const { genesys } = await open((_request, response) =>
    sendJson(response, 400, { scimType: 'invalidFilter', status: '400', detail: 'Cannot filter by guid-77' }),
  );
  const failure = await genesys.findByExternalId('guid-77', call()).catch((error: unknown) => String(error));
  expect(failure).toContain('400 invalidFilter');
  expect(failure).not.toContain('guid-77');
});
