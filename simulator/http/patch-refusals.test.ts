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

describe('refused PATCH operations', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown op', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    ['no op', { path: 'title', value: 'x' }, 'invalidSyntax'],
    ['remove without path', { op: 'remove' }, 'noTarget'],
    ['remove with a value', { op: 'remove', path: 'roles', value: [{ value: 'admin' }] }, 'invalidSyntax'],
    ['no value', { op: 'replace', path: 'title' }, 'invalidValue'],
    ['a path that is none', { op: 'replace', path: 'title[', value: 'x' }, 'invalidPath'],
    ['a tutorial path', { op: 'replace', path: 'genesys:User.divisions', value: 'x' }, 'invalidPath'],
    ['an unknown attribute', { op: 'replace', path: 'nickName', value: 'x' }, 'invalidPath'],
    ['an unknown part', { op: 'replace', path: 'name.givenName', value: 'x' }, 'invalidPath'],
    ['an unknown schema', { op: 'replace', path: 'urn:x:y:2.0:User:division', value: 'x' }, 'invalidPath'],
    ['a bare extension name', { op: 'replace', path: 'externalIds', value: [] }, 'invalidPath'],
    ['a bare enterprise name', { op: 'replace', path: 'department', value: 'x' }, 'invalidPath'],
    ['a part without filter', { op: 'replace', path: 'emails.value', value: 'x@y.com' }, 'invalidPath'],
    ['a filter on a single value', { op: 'replace', path: 'title[type eq "x"]', value: 'x' }, 'invalidPath'],
    ['a filter with sw', { op: 'replace', path: 'emails[type sw "w"].value', value: 'x@y.com' }, 'invalidFilter'],
    [
      'a filter that finds nothing',
      { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '+13175550100' },
      'noTarget',
    ],
    ['a removal that finds nothing', { op: 'remove', path: 'phoneNumbers[type eq "work"]' }, 'noTarget'],
    ['the id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['the version', { op: 'replace', path: 'meta.version', value: '9' }, 'mutability'],
    ['the groups', { op: 'add', path: 'groups', value: [{ value: 'g' }] }, 'mutability'],
    ['the id without path', { op: 'replace', value: { id: 'x' } }, 'mutability'],
    ['the other address', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x@y.com' }, 'mutability'],
    ['removal of the other address', { op: 'remove', path: 'emails[type eq "other"]' }, 'mutability'],
    ['a new other address', { op: 'add', path: 'emails', value: [{ type: 'other', value: 'x@y.com' }] }, 'mutability'],
    [
      'the SCIM external id',
      { op: 'remove', path: `${PURECLOUD}:externalIds[authority eq "x-pc:scimv2:v1:simulator-client"]` },
      'mutability',
    ],
    [
      'the SCIM external id by its value',
      { op: 'remove', path: `${PURECLOUD}:externalIds[value eq "guid-ann"]` },
      'mutability',
    ],
    ['removal of the login', { op: 'remove', path: 'userName' }, 'mutability'],
    ['removal of the name', { op: 'remove', path: 'displayName' }, 'mutability'],
    ['removal of the division', { op: 'remove', path: `${ENTERPRISE}:division` }, 'mutability'],
    ['removal of active', { op: 'remove', path: 'active' }, 'mutability'],
    ['a login that is no address', { op: 'replace', path: 'userName', value: 'ann' }, 'invalidValue'],
    ['an unknown role by add', { op: 'add', path: 'roles', value: [{ value: 'emperor' }] }, 'invalidValue'],
    ['an unknown manager', { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'x' } }, 'invalidValue'],
  ])('%s', async (_what, operation, scimType) => {
    const before = simulator.users();
    const first = { op: 'replace', path: 'title', value: 'changed' };
    expectScimError(await probe.patch(ann, first, operation), 400, scimType);
    expect(simulator.users()).toEqual(before);
  });

  it('nobody is his own manager', async () => {
    const operation = { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: ann } };
    expectScimError(await probe.patch(ann, operation), 400, 'invalidValue');
  });

  it.each([
    ['a login', { op: 'replace', path: 'userName', value: 'Bob@example.com' }],
    ['an external id', { op: 'replace', path: 'externalId', value: 'guid-bob' }],
    ['a pair', { op: 'add', path: `${PURECLOUD}:externalIds`, value: [{ authority: 'ad-objectguid', value: 'bob' }] }],
  ])('%s that somebody else has is 409', async (_what, operation) => {
    expectScimError(await probe.patch(ann, operation), 409, 'uniqueness');
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['no operations', { Operations: [] }],
    ['another message', { schemas: ['urn:x'], Operations: [{ op: 'add', path: 'title', value: 'x' }] }],
  ])('a body that is %s', async (_what, body) => {
    expectScimError(await probe.call('PATCH', `/users/${ann}`, body), 400, 'invalidSyntax');
  });
});
