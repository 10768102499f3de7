import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logins, Probe } from '../probe.ts';
import { startSimulator, type SeedUser, type Simulator } from '../start.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PURECLOUD = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';

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

/** Numbers 1 to `count`; every third one is inactive. */
function seedMany(count: number): string[] {
  const users = Array.from({ length: count }, (_, index): SeedUser => {
    const number = String(index + 1).padStart(3, '0');
    return { userName: `user${number}@example.com`, state: (index + 1) % 3 === 0 ? 'inactive' : 'active' };
  });
  return simulator.seed(users).flatMap((user) => (user.state === 'active' ? [user.userName] : []));
}

describe('pages', () => {
  it('hold 25 active users unless asked otherwise, in order of creation', async () => {
    const active = seedMany(90);
    const answer = await probe.call('GET', '/users');
    expect(answer.json).toMatchObject({ totalResults: 60, startIndex: 1, itemsPerPage: 25 });
    expect(logins(answer)).toEqual(active.slice(0, 25));
  });

  it('follow each other without gap or repetition', async () => {
    const active = seedMany(90);
    const seen: string[] = [];
    while (seen.length < 60) {
      seen.push(...logins(await probe.call('GET', `/Users?startIndex=${seen.length + 1}&count=17`)));
    }
    expect(seen).toEqual(active);
  });

  it('of size 0 tell the number alone', async () => {
    seedMany(6);
    const { json } = await probe.call('GET', '/users?count=0');
    expect(json).toMatchObject({ totalResults: 4, itemsPerPage: 0, Resources: [] });
  });

  it.each([
    ['startIndex=0', 4],
    ['startIndex=-3', 4],
    ['startIndex=4', 1],
    ['startIndex=5', 0],
    ['count=-1', 0],
  ])('%s gives %i of four users', async (query, items) => {
    seedMany(6);
    const answer = await probe.call('GET', `/users?${query}`);
    expect(answer.json).toMatchObject({ totalResults: 4, itemsPerPage: items });
    expect(logins(answer)).toHaveLength(items);
  });

  it('never hold more than the maximum, whatever was asked', async () => {
    seedMany(300);
    expect((await probe.call('GET', '/users?count=1000')).json).toMatchObject({ totalResults: 200, itemsPerPage: 100 });
  });

  it('over 25 with full attributes can be throttled, without secondary attributes never', async () => {
    simulator.set({ throttleLargePages: true });
    seedMany(90);
    expect((await probe.call('GET', '/users?count=25')).status).toBe(200);
    expect((await probe.call('GET', '/users?count=26')).status).toBe(429);
    expect((await probe.call('GET', '/users?count=50&attributes=id,userName,active')).status).toBe(200);
    const all = `externalId,roles,${PURECLOUD}:routingSkills,${PURECLOUD}:routingLanguages`;
    expect((await probe.call('GET', `/users?count=50&excludedAttributes=${all}`)).status).toBe(200);
    expect((await probe.call('GET', '/users?count=50&excludedAttributes=roles')).status).toBe(429);
  });

  it('of the inactive can end at a cap', async () => {
    simulator.set({ inactiveListCap: 5 });
    seedMany(30);
    expect((await probe.call('GET', '/users?filter=active%20eq%20false&startIndex=1&count=5')).status).toBe(200);
    expect((await probe.call('GET', '/users?filter=active%20eq%20false&startIndex=2&count=5')).status).toBe(400);
  });
});

describe('filters', () => {
  beforeEach(() => {
    const [boss] = simulator.seed([{ userName: 'boss@example.com', division: 'Sales' }]);
    simulator.seed([
      {
        userName: 'Ann@example.com',
        externalId: 'Guid-1',
        employeeNumber: '1001',
        manager: boss!.id,
        emails: [{ type: 'work', value: 'ann.lee@example.org', primary: true }],
        externalIds: [{ authority: 'ad-objectguid', value: 'g 1' }],
      },
      { userName: 'gone@example.com', state: 'deleted' },
      { userName: 'idle@example.com', state: 'inactive', externalId: 'Guid-2', employeeNumber: '1002' },
    ]);
  });

  it.each([
    ['userName eq "ann@EXAMPLE.com"', ['Ann@example.com']],
    ['userName eq ann@example.com', ['Ann@example.com']],
    ['email eq "ANN.LEE@example.org"', ['Ann@example.com']],
    ['email eq "ann@example.com"', ['Ann@example.com']],
    ['externalId eq "Guid-1"', ['Ann@example.com']],
    ['externalId eq "guid-1"', []],
    ['employeeNumber eq "1001"', ['Ann@example.com']],
    ['division eq Sales', ['boss@example.com']],
    ['division eq sales', []],
    ['active eq true', ['boss@example.com', 'Ann@example.com']],
    ['active eq false', ['idle@example.com']],
    ['userName eq "gone@example.com"', []],
    [`${PURECLOUD}:externalIds[authority eq "ad-objectguid" and value eq "g 1"]`, ['Ann@example.com']],
    [`${PURECLOUD}:externalIds[authority eq "AD-ObjectGuid" and value eq "g 1"]`, []],
    [
      `${PURECLOUD}:externalIds[authority eq "x-pc:scimv2:v1:simulator-client" and value eq "Guid-1"]`,
      ['Ann@example.com'],
    ],
  ])('%s finds %j', async (filter, found) => {
    const answer = await probe.filter(filter);
    expect(logins(answer)).toEqual(found);
    expect(answer.json['totalResults']).toBe(found.length);
  });

  it('by manager and by id find him', async () => {
    const [boss, ann] = simulator.users();
    expect(logins(await probe.filter(`manager eq "${boss!.id}"`))).toEqual([ann!.userName]);
    expect(logins(await probe.filter(`id eq "${ann!.id.toUpperCase()}"`))).toEqual([ann!.userName]);
  });

  it('other than id and active find inactive users only when told so', async () => {
    const idle = simulator.users().find((user) => user.state === 'inactive')!;
    const filters = ['userName eq "idle@example.com"', 'externalId eq "Guid-2"', 'employeeNumber eq "1002"'];
    for (const filter of filters) expect(logins(await probe.filter(filter))).toEqual([]);
    expect(logins(await probe.filter(`id eq "${idle.id}"`))).toEqual([idle.userName]);
    simulator.set({ filtersFindInactive: true });
    for (const filter of filters) expect(logins(await probe.filter(filter))).toEqual([idle.userName]);
  });

  it('that do not exist are invalidFilter', async () => {
    const answer = await probe.filter('meta.lastModified ge "2026-01-01T00:00:00Z"');
    expect(answer.json).toMatchObject({ status: '400', scimType: 'invalidFilter' });
  });
});

describe('index lag', () => {
  beforeEach(() => simulator.set({ indexLagSeconds: 180 }));

  it('hides a new user from filters, not from the plain list or a read by id', async () => {
    const id = await probe.create('new@example.com');
    expect(logins(await probe.filter('userName eq "new@example.com"'))).toEqual([]);
    expect(logins(await probe.call('GET', '/users'))).toEqual(['new@example.com']);
    expect((await probe.call('GET', `/users/${id}`)).status).toBe(200);
    simulator.advance(180_000);
    expect(logins(await probe.filter('userName eq "new@example.com"'))).toEqual(['new@example.com']);
  });

  it('shows old values and old state until it has passed', async () => {
    const [user] = simulator.seed([{ userName: 'old@example.com' }]);
    await probe.patch(user!.id, { op: 'replace', value: { userName: 'renamed@example.com', active: false } });
    expect(logins(await probe.filter('userName eq "old@example.com"'))).toEqual(['old@example.com']);
    expect(logins(await probe.filter('active eq false'))).toEqual([]);
    simulator.advance(180_000);
    expect(logins(await probe.filter('userName eq "old@example.com"'))).toEqual([]);
    expect(logins(await probe.filter('active eq false'))).toEqual(['renamed@example.com']);
  });
});

describe('what a user shows', () => {
  const seed: SeedUser = {
    userName: 'ann@example.com',
    title: 'Agent',
    externalId: 'g1',
    department: 'Sales',
    routingSkills: [{ name: 'Billing', proficiency: 3 }],
  };

  it('is everything when read by id, with ETag and location', async () => {
    const [ann] = simulator.seed([seed]);
    const answer = await probe.call('GET', `/users/${ann!.id}`);
    expect(answer.headers.get('ETag')).toBe('"1"');
    expect(answer.headers.get('Content-Type')).toBe('application/scim+json');
    expect(answer.json).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE, PURECLOUD],
      id: ann!.id,
      active: true,
      userName: 'ann@example.com',
      displayName: 'ann@example.com',
      title: 'Agent',
      externalId: 'g1',
      emails: [{ value: 'ann@example.com', type: 'other', primary: true }],
      phoneNumbers: [],
      roles: [{ value: 'employee' }],
      groups: [],
      [ENTERPRISE]: { division: 'Home', department: 'Sales' },
      [PURECLOUD]: {
        routingSkills: [{ name: 'Billing', proficiency: 3 }],
        routingLanguages: [],
        externalIds: [{ authority: 'x-pc:scimv2:v1:simulator-client', value: 'g1' }],
      },
      meta: {
        resourceType: 'User',
        lastModified: ann!.lastModified,
        location: `/api/v2/scim/v2/users/${ann!.id}`,
        version: '1',
      },
    });
  });

  it('leaves groups and skills out of lists unless asked for', async () => {
    simulator.seed([seed]);
    const [plain] = (await probe.call('GET', '/users')).json['Resources'] as Record<string, unknown>[];
    expect(plain).not.toHaveProperty('groups');
    expect(plain![PURECLOUD]).not.toHaveProperty('routingSkills');
    expect(plain).toMatchObject({ externalId: 'g1', roles: [{ value: 'employee' }] });
    const asked = await probe.call('GET', `/users?attributes=groups&attributes=${PURECLOUD}:routingSkills`);
    const [full] = asked.json['Resources'] as Record<string, unknown>[];
    expect(full).toMatchObject({ groups: [], [PURECLOUD]: { routingSkills: [{ name: 'Billing' }] } });
    expect(full).not.toHaveProperty('title');
  });

  it.each<[string, string[]]>([
    ['attributes=title', ['title']],
    ['attributes=TITLE,externalId', ['title', 'externalId']],
    [`attributes=${ENTERPRISE}`, [ENTERPRISE]],
    [`attributes=${ENTERPRISE}:department`, [ENTERPRISE]],
    ['attributes=meta.version', []],
    ['attributes=title&excludedAttributes=title,id,userName,active,meta', []],
  ])('is chosen by %s, always with id, userName, active and meta', async (query, names) => {
    const [ann] = simulator.seed([seed]);
    const { json } = await probe.call('GET', `/users/${ann!.id}?${query}`);
    expect(Object.keys(json).sort()).toEqual(['schemas', 'id', 'userName', 'active', 'meta', ...names].sort());
  });

  it('is the same below both roots and in both cases of the path', async () => {
    const [ann] = simulator.seed([seed]);
    const answers = await Promise.all(
      ['/api/v2/scim/users', '/api/v2/scim/Users', '/api/v2/scim/v2/users', '/api/v2/scim/v2/Users'].map((path) =>
        probe.raw('GET', `${path}/${ann!.id}`),
      ),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  });

  it('need not be sent again when its version is known', async () => {
    const [ann] = simulator.seed([seed]);
    const same = await probe.call('GET', `/users/${ann!.id}`, undefined, { 'if-none-match': '"1"' });
    expect([same.status, same.text, same.headers.get('ETag')]).toEqual([304, '', '"1"']);
    const other = await probe.call('GET', `/users/${ann!.id}`, undefined, { 'if-none-match': '"2"' });
    expect(other.status).toBe(200);
  });
});

describe('discovery', () => {
  it.each(['/ServiceProviderConfig', '/serviceproviderconfig'])('%s tells what is supported', async (path) => {
    expect((await probe.call('GET', path)).json).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      etag: { supported: true },
    });
  });

  it('lists schemas and resource types, and gives each by id', async () => {
    const schemas = (await probe.call('GET', '/Schemas')).json['Resources'] as { id: string }[];
    expect(schemas.map((schema) => schema.id)).toContain(PURECLOUD);
    for (const { id } of schemas) expect((await probe.call('GET', `/schemas/${id}`)).json['id']).toBe(id);
    expect((await probe.call('GET', '/ResourceTypes')).json['totalResults']).toBe(2);
    expect((await probe.call('GET', '/resourcetypes/User')).json).toMatchObject({ endpoint: '/users' });
  });
});
