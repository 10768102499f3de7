import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Probe, type ProbeAnswer } from '../probe.ts';
import { startSimulator, type Simulator } from '../start.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PURECLOUD = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';

let simulator: Simulator;
let probe: Probe;
let ann: string;

beforeAll(async () => {
  simulator = await startSimulator({ requestsPerMinute: 100_000 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.reset();
  probe = await Probe.of(simulator);
  ann = await probe.create('ann@example.com', { externalId: 'guid-ann' });
  await probe.create('bob@example.com', {
    externalId: 'guid-bob',
    [PURECLOUD]: { externalIds: [{ authority: 'ad-objectguid', value: 'bob' }] },
  });
});

function expectScimError(answer: ProbeAnswer, status: number, scimType: string): void {
  expect(answer.json).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    scimType,
    detail: expect.any(String),
  });
  expect(answer.status).toBe(status);
}

function expectErrorBody(answer: ProbeAnswer, status: number, code: string): void {
  expect(answer.json).toMatchObject({ message: expect.any(String), code, status, details: [], errors: [] });
  expect(answer.status).toBe(status);
  expect(answer.json['contextId']).toBe(answer.headers.get('ININ-Correlation-Id'));
}

describe('refused creates', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no userName', { displayName: 'X' }, 'invalidValue'],
    ['an empty userName', { userName: '', displayName: 'X' }, 'invalidValue'],
    ['no displayName', { userName: 'x@example.com' }, 'invalidValue'],
    ['a userName that is no address', { userName: 'x', displayName: 'X' }, 'invalidValue'],
    ['a userName that is no text', { userName: 5, displayName: 'X' }, 'invalidValue'],
    ['an unknown attribute', { name: { givenName: 'X' } }, 'invalidSyntax'],
    ['an unknown schema', { schemas: ['urn:ietf:params:scim:schemas:extension:genesys:2.0:User'] }, 'invalidSyntax'],
    ['an unknown extension', { 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User': {} }, 'invalidSyntax'],
    ['a bare extension attribute', { department: 'Sales' }, 'invalidSyntax'],
    ['an unknown enterprise attribute', { [ENTERPRISE]: { costCenter: '1' } }, 'invalidSyntax'],
    ['active as a text', { active: 'true' }, 'invalidValue'],
    ['a title that is no text', { title: 7 }, 'invalidValue'],
    ['a mail of type home', { emails: [{ type: 'home', value: 'x@y.com' }] }, 'invalidValue'],
    ['a mail without type', { emails: [{ value: 'x@y.com' }] }, 'invalidValue'],
    ['a mail without value', { emails: [{ type: 'work' }] }, 'invalidValue'],
    ['a mail that is none', { emails: [{ type: 'work', value: 'nobody' }] }, 'invalidValue'],
    ['a foreign other address', { emails: [{ type: 'other', value: 'z@example.com' }] }, 'mutability'],
    ['a fax', { phoneNumbers: [{ type: 'fax', value: '+13175550100' }] }, 'invalidValue'],
    ['a local number', { phoneNumbers: [{ type: 'work', value: '3175550100' }] }, 'invalidValue'],
    [
      'two numbers of a type',
      {
        phoneNumbers: [
          { type: 'work', value: '+13175550100' },
          { type: 'work', value: '+13175550101' },
        ],
      },
      'invalidValue',
    ],
    [
      'two primary numbers',
      {
        phoneNumbers: [
          { type: 'work', value: '+13175550100', primary: true },
          { type: 'home', value: '+13175550101', primary: true },
        ],
      },
      'invalidValue',
    ],
    ['an unknown part of an item', { phoneNumbers: [{ type: 'work', number: '+13175550100' }] }, 'invalidSyntax'],
    ['a role as a text', { roles: ['employee'] }, 'invalidValue'],
    ['an unknown role', { roles: [{ value: 'emperor' }] }, 'invalidValue'],
    ['a role in another case', { roles: [{ value: 'EMPLOYEE' }] }, 'invalidValue'],
    ['an unknown division', { [ENTERPRISE]: { division: 'Mars' } }, 'invalidValue'],
    ['a manager nobody is', { [ENTERPRISE]: { manager: { value: 'nobody' } } }, 'invalidValue'],
    ['a manager as a text', { [ENTERPRISE]: { manager: 'nobody' } }, 'invalidValue'],
    ['a numeric employee number', { [ENTERPRISE]: { employeeNumber: 5 } }, 'invalidValue'],
    ['a date that is none', { [ENTERPRISE]: { dateHire: '31.12.2026' } }, 'invalidValue'],
    ['an unknown skill', { [PURECLOUD]: { routingSkills: [{ name: 'Juggling', proficiency: 1 }] } }, 'invalidValue'],
    ['a skill in another case', { [PURECLOUD]: { routingSkills: [{ name: 'billing' }] } }, 'invalidValue'],
    ['too much skill', { [PURECLOUD]: { routingSkills: [{ name: 'Billing', proficiency: 5.5 }] } }, 'invalidValue'],
    ['an unknown language', { [PURECLOUD]: { routingLanguages: [{ name: 'Latin' }] } }, 'invalidValue'],
    ['an external id without value', { [PURECLOUD]: { externalIds: [{ authority: 'a' }] } }, 'invalidValue'],
    [
      'a made-up SCIM external id',
      { [PURECLOUD]: { externalIds: [{ authority: 'x-pc:scimv2:v1:other', value: 'v' }] } },
      'mutability',
    ],
  ])('%s', async (_what, wrong, scimType) => {
    const whole = 'userName' in wrong || 'displayName' in wrong;
    const body = whole ? wrong : { userName: 'x@example.com', displayName: 'X', ...wrong };
    expectScimError(await probe.call('POST', '/users', body), 400, scimType);
    expect(simulator.users()).toHaveLength(2);
  });

  it.each([
    ['active', true],
    ['inactive', false],
  ])('the login of an %s user is 409', async (_state, active) => {
    await probe.patch(ann, { op: 'replace', path: 'active', value: active });
    const answer = await probe.call('POST', '/users', { userName: 'ANN@example.com', displayName: 'Other' });
    expectScimError(answer, 409, 'uniqueness');
    expect(answer.json['detail']).toBe('User name already in use by non-deleted user.');
  });

  it.each<[string, Record<string, unknown>]>([
    ['an external id', { externalId: 'guid-bob' }],
    ['a pair of authority and value', { [PURECLOUD]: { externalIds: [{ authority: 'ad-objectguid', value: 'bob' }] } }],
  ])('%s that somebody has is 409', async (_what, more) => {
    const body = { userName: 'x@example.com', displayName: 'X', ...more };
    expectScimError(await probe.call('POST', '/users', body), 409, 'uniqueness');
  });
});

describe('refused requests', () => {
  it('without a bearer token', async () => {
    probe.token = '';
    const answer = await probe.call('GET', '/users');
    expectErrorBody(answer, 401, 'authentication.required');
    expect(answer.json['message']).toBe('No authentication bearer token specified in authorization header.');
  });

  it('with a token nobody handed out', async () => {
    probe.token = 'made-up';
    expectErrorBody(await probe.call('GET', '/users'), 401, 'bad.credentials');
  });

  it('with a token that has expired', async () => {
    simulator.advance(86_399_000);
    expectErrorBody(await probe.call('GET', '/users'), 401, 'bad.credentials');
  });

  it.each(['/Bulk', '/Me', '/.search', '/users/nobody', '/groups/nobody', '/schemas/urn:x'])(
    '%s is not found',
    async (path) => {
      expectErrorBody(await probe.call('GET', path), 404, 'not.found');
      expectErrorBody(await probe.call('GET', `${path}?count=1`), 404, 'not.found');
    },
  );

  it.each(['/api/v2/users/scim', '/scim/v2/users', '/oauth/token', '/'])('%s is no place of the API', async (path) => {
    expectErrorBody(await probe.raw('GET', path), 404, 'not.found');
  });

  it.each([
    ['POST', '/groups'],
    ['DELETE', '/users'],
    ['POST', '/users/x'],
    ['DELETE', '/groups/x'],
  ])('%s %s is not allowed', async (method, path) => {
    expectErrorBody(await probe.call(method, path, {}), 405, 'not.allowed');
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])('content type %s', async (type) => {
    const answer = await probe.call('POST', '/users', { userName: 'x@y.com' }, { 'content-type': type });
    expectErrorBody(answer, 415, 'unsupported.media.type');
  });

  it('a body over 512,000 bytes, but not one of just that size', async () => {
    const bodyOf = (size: number): string => {
      const frame = JSON.stringify({ userName: 'big@example.com', displayName: '' });
      return JSON.stringify({ userName: 'big@example.com', displayName: 'x'.repeat(size - frame.length) });
    };
    expectErrorBody(await probe.call('POST', '/users', bodyOf(512_001)), 413, 'request.entity.too.large');
    expect((await probe.call('POST', '/users', bodyOf(512_000))).status).toBe(201);
  });

  it.each(['', '{', '{"userName":'])('a body that is no JSON: %s', async (body) => {
    expectErrorBody(await probe.call('POST', '/users', body), 400, 'bad.request');
  });

  it.each(['startIndex=x', 'count=ten', 'count=1.5'])('paging with %s', async (query) => {
    expectErrorBody(await probe.call('GET', `/users?${query}`), 400, 'invalid.query.param.value');
  });

  it.each(['attributes=name', 'attributes=division', 'excludedAttributes=externalIds', 'attributes=password'])(
    'a projection with %s',
    async (query) => {
      expectErrorBody(await probe.call('GET', `/users?${query}`), 400, 'invalid.query.param.value');
    },
  );

  it('a filter on schemas', async () => {
    expectErrorBody(await probe.call('GET', '/schemas?filter=id%20eq%20x'), 403, 'not.authorized');
  });
});

describe('missing permissions', () => {
  it.each<[string, string, unknown]>([
    ['directory:user:add', 'POST', { userName: 'x@example.com', displayName: 'X' }],
    ['authorization:grant:add', 'POST', { userName: 'x@example.com', displayName: 'X', roles: [{ value: 'admin' }] }],
    ['directory:user:edit', 'PUT', { title: 'x' }],
    ['directory:user:setPassword', 'PUT', { password: 'secret' }],
    ['routing:skill:assign', 'PUT', { [PURECLOUD]: { routingSkills: [{ name: 'Billing' }] } }],
    ['routing:language:assign', 'PUT', { [PURECLOUD]: { routingLanguages: [{ name: 'German' }] } }],
    ['telephony:extension:assign', 'PUT', { phoneNumbers: [{ type: 'work', value: 'tel:+13175551234;ext=1' }] }],
    ['directory:user:delete', 'DELETE', undefined],
  ])('%s is needed for %s', async (permission, method, body) => {
    const path = method === 'POST' ? '/users' : `/users/${ann}`;
    simulator.set({ permissions: simulatorPermissions().filter((one) => one !== permission) });
    const answer = await probe.call(method, path, body);
    expectErrorBody(answer, 403, 'missing.permissions');
    expect(answer.json['message']).toContain(`[${permission}]`);
    simulator.set({ permissions: simulatorPermissions() });
    expect((await probe.call(method, path, body)).status).toBeLessThan(300);
  });

  it('directory:group:edit is needed even to read groups', async () => {
    simulator.set({ permissions: [] });
    expectErrorBody(await probe.call('GET', '/groups'), 403, 'missing.permissions');
  });

  it('users of a division the role does not cover are out of reach', async () => {
    simulator.set({ permittedDivisions: ['Sales'] });
    expectErrorBody(await probe.call('PUT', `/users/${ann}`, { title: 'x' }), 403, 'missing.division.permission');
    simulator.set({ permittedDivisions: ['Sales', 'Home'] });
    expect((await probe.call('PUT', `/users/${ann}`, { title: 'x' })).status).toBe(200);
  });
});

describe('toggles of refusals', () => {
  it('unknown attributes can be dropped without a word, bare extension paths cannot', async () => {
    simulator.set({ unknownAttributes: 'drop' });
    expect((await probe.call('PUT', `/users/${ann}`, { name: { givenName: 'A' }, title: 'Boss' })).status).toBe(200);
    expect((await probe.patch(ann, { op: 'replace', path: 'name.givenName', value: 'A' })).status).toBe(200);
    expect(simulator.users()[0]).toMatchObject({ title: 'Boss', displayName: 'ann@example.com' });
    expectScimError(await probe.patch(ann, { op: 'replace', path: 'externalIds', value: [1] }), 400, 'invalidPath');
  });

  it('unknown names can be answered 404, or dropped', async () => {
    const body = { roles: [{ value: 'emperor' }, { value: 'admin' }], [ENTERPRISE]: { division: 'Mars' } };
    simulator.set({ unknownReference: '404' });
    expectErrorBody(await probe.call('PUT', `/users/${ann}`, body), 404, 'not.found');
    simulator.set({ unknownReference: 'drop' });
    expect((await probe.call('PUT', `/users/${ann}`, body)).status).toBe(200);
    expect(simulator.users()[0]).toMatchObject({ roles: [{ value: 'admin' }], division: 'Home' });
  });

  it('a removal that finds nothing can be ignored', async () => {
    simulator.set({ removeWithoutMatch: 'ignore' });
    expect((await probe.patch(ann, { op: 'remove', path: 'phoneNumbers[type eq "work"]' })).status).toBe(200);
  });
});

function simulatorPermissions(): string[] {
  return [
    ...['directory:user:add', 'directory:user:edit', 'directory:user:delete', 'directory:user:setPassword'],
    ...['directory:group:edit', 'authorization:grant:add', 'authorization:grant:delete'],
    ...['routing:skill:assign', 'routing:language:assign', 'telephony:extension:assign'],
  ];
}
