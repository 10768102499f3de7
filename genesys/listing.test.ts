import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { GenesysError, LaterError } from '../model/errors.ts';
import { ENTERPRISE_USER, GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import { noRequests, startScriptedGenesys } from '../test/support/genesys-target.ts';
import type { ScriptedGenesys } from '../test/support/genesys-target.ts';
import { sendJson } from '../test/support/http-server.ts';
import type { ReceivedRequest, Reply } from '../test/support/http-server.ts';
import { wholeListing } from './listing.ts';
import { openGenesys } from './open.ts';
import type { Genesys } from './open.ts';
import { unpaced } from './pace.ts';
import type { Pace } from './pace.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function open(api: Reply, pace: Pace = unpaced): Promise<{ service: ScriptedGenesys; genesys: Genesys }> {
  const service = await startScriptedGenesys({ api });
  const genesys = openGenesys(service.settings, pace);
  opened.push(service, genesys);
  return { service, genesys };
}

const call = () => ({ requests: noRequests() });
const user = (number: number): ScimUser => ({ id: `u-${number}`, userName: `user${number}@example.com`, active: true });
const people = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => user(from + index));

async function collect(pages: AsyncGenerator<ScimUser[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) {
    expect(page.length).toBeGreaterThan(0);
    ids.push(...page.map(({ id }) => id));
  }
  return ids;
}

const list = (genesys: Genesys) => collect(genesys.list(call()));
const idsOf = (users: ScimUser[]) => users.map(({ id }) => id);

/** Serves what `usersAt` gives for the nth page request, cut by startIndex and count; nobody is inactive unless it says so. */
function serving(usersAt: (request: ReceivedRequest, nth: number) => ScimUser[], inactive: ScimUser[] = []): Reply {
  let nth = 0;
  return (request, response) => {
    const isActive = request.query.get('filter') === null;
    nth += isActive ? 1 : 0;
    const all = isActive ? usersAt(request, nth) : inactive;
    const start = Number(request.query.get('startIndex')) - 1;
    const resources = all.slice(start, start + Number(request.query.get('count')));
    const body = {
      totalResults: all.length,
      startIndex: start + 1,
      itemsPerPage: resources.length,
      Resources: resources,
    };
    sendJson(response, 200, body);
  };
}

test('every user of a listing comes once, in pages of 25 with all attributes', async () => {
  const everybody = people(1, 60);
  const { service, genesys } = await open(serving(() => everybody));
  expect(await list(genesys)).toEqual(idsOf(everybody));
  const queries = service.api.received.map(({ query }) => [
    query.get('filter'),
    query.get('startIndex'),
    query.get('count'),
  ]);
  expect(queries).toEqual([
    [null, '1', '25'],
    [null, '26', '25'],
    [null, '51', '25'],
    ['active eq false', '1', '25'],
  ]);
  expect(service.api.received[0]?.query.getAll('attributes')).toEqual(
    expect.arrayContaining(['externalId', 'roles', 'groups', 'phoneNumbers', ENTERPRISE_USER, GENESYS_USER]),
  );
});

test('inactive users are listed by their own filter', async () => {
  const { service, genesys } = await open(serving(() => people(1, 3), people(4, 5)));
  expect(await list(genesys)).toEqual(idsOf(people(1, 5)));
  expect(service.api.received[1]?.url).toContain('filter=active%20eq%20false&');
});

test('an empty organisation has an empty listing', async () => {
  const { genesys } = await open((_request, response) => sendJson(response, 200, { totalResults: 0 }));
  expect(await list(genesys)).toEqual([]);
});

test('a user who appears twice comes once, and the one pushed off the pages is found by a second listing', async () => {
  // Sorted otherwise between the pages: user 25 moves to the second page, user 26 is never on one.
  const shuffled = [...people(1, 24), user(26), user(25), ...people(27, 30)];
  const { service, genesys } = await open(serving((_request, nth) => (nth === 2 ? shuffled : people(1, 30))));
  const ids = await list(genesys);
  expect(ids).toHaveLength(30);
  expect(new Set(ids)).toEqual(new Set(idsOf(people(1, 30))));
  expect(service.calls()).toHaveLength(5);
});

test('somebody skipped because another left meanwhile is found by a second listing', async () => {
  const { genesys } = await open(serving((_request, nth) => (nth === 1 ? people(1, 40) : people(2, 40))));
  expect(new Set(await list(genesys))).toEqual(new Set(idsOf(people(1, 40))));
});

test('a listing that never has as many users as it says is a failed read', async () => {
  const { service, genesys } = await open((request, response) => {
    const resources = request.query.get('startIndex') === '1' ? people(1, 10) : [];
    sendJson(response, 200, { totalResults: 12, Resources: resources });
  });
  await expect(list(genesys)).rejects.toMatchObject({ code: 'genesys.protocol', retryable: true });
  expect(service.calls()).toHaveLength(4);
});

test('a service that returns its first page for ever is a failed read', async () => {
  const { genesys } = await open((_request, response) =>
    sendJson(response, 200, { totalResults: 100, Resources: people(1, 25) }),
  );
  await expect(list(genesys)).rejects.toThrow(/100 users in this listing but returned 25, twice/);
});

test.each([
  ['no total', { Resources: people(1, 1) }],
  ['a total that is no number', { totalResults: '1', Resources: people(1, 1) }],
  ['resources that are no list', { totalResults: 1, Resources: {} }],
  ['somebody who is no user', { totalResults: 1, Resources: [{ id: 'u-1' }] }],
])('a page with %s is a failed read', async (_name, body) => {
  const { genesys } = await open((_request, response) => sendJson(response, 200, body));
  await expect(list(genesys)).rejects.toMatchObject({ code: 'genesys.protocol' });
});

test('a pace that asks to come back later is waited out in the middle of a listing', async () => {
  let asked = 0;
  const pace: Pace = {
    ...unpaced,
    take: async () => {
      asked += 1;
      if (asked === 2) throw new LaterError('The allowance is used up: the request waits.', 50);
    },
  };
  const { service, genesys } = await open(
    serving(() => people(1, 30)),
    pace,
  );
  expect(await list(genesys)).toHaveLength(30);
  expect(service.calls()).toHaveLength(3);
});

test('a pace that asks for more than two minutes ends the listing', async () => {
  const pace: Pace = {
    ...unpaced,
    take: async () => {
      throw new LaterError('The allowance is used up: the request waits.', 130_000);
    },
  };
  const { genesys } = await open(
    serving(() => []),
    pace,
  );
  await expect(list(genesys)).rejects.toBeInstanceOf(LaterError);
});

test('however pages overlap, nobody comes twice and a quiet listing is complete', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 1, max: 30 }), async (size, cut) => {
      const everybody = people(1, size);
      const pages = wholeListing(async (start) => ({
        total: size,
        users: everybody.slice(start - 1, start - 1 + cut),
      }));
      expect(await collect(pages)).toEqual(idsOf(everybody));
    }),
  );
});

test('in a listing that changes all the time nobody comes twice, and it ends', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 })),
      async (states) => {
        const pages = wholeListing(async (start) => {
          const now = [...new Set(states.next().value as number[])];
          return { total: now.length, users: now.slice(start - 1, start + 9).map(user) };
        });
        const ids: string[] = [];
        const read = async (): Promise<void> => {
          for await (const page of pages) ids.push(...idsOf(page));
        };
        const failure: unknown = await read().catch((error: unknown) => error);
        expect(failure === undefined || failure instanceof GenesysError).toBe(true);
        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
  );
});
