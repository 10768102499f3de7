import { expect, test } from 'vitest';
import type { Answered, Silence, Unanswered } from './exchange.ts';
import { badCredentials, failureOf, unreadable } from './failures.ts';
import type { Asked } from './failures.ts';

const WRITE: Asked = { write: true, host: 'api.example', values: ['Ann Lee'] };
const READ: Asked = { write: false, host: 'api.example', values: [] };

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answered {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, headers, body: Buffer.from(text) };
}

function scim(status: number, detail: string, scimType?: string): Answered {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return answer(status, { schemas, status: String(status), detail, ...(scimType === undefined ? {} : { scimType }) });
}

function platform(status: number, code: string, message = 'No.'): Answered {
  return answer(status, { message, code, status, messageParams: {}, contextId: 'ctx-1', details: [], errors: [] });
}

function silence(reason: Silence, sent: boolean): Unanswered {
  return { kind: 'unanswered', reason, sent, error: Object.assign(new Error('x'), { code: 'ECODE' }) };
}

test.each([
  ['scim 400 invalidValue', scim(400, 'bad', 'invalidValue'), 'genesys.invalid', false],
  ['platform 400', platform(400, 'bad.request'), 'genesys.invalid', false],
  ['platform 401', platform(401, 'bad.credentials'), 'genesys.unauthorized', true],
  ['platform 403', platform(403, 'missing.permissions'), 'genesys.forbidden', false],
  ['platform 404', platform(404, 'not.found'), 'genesys.not-found', false],
  ['scim 404', scim(404, 'User could not be found.'), 'genesys.not-found', false],
  [
    'scim 409 uniqueness',
    scim(409, 'User name already in use by non-deleted user.', 'uniqueness'),
    'genesys.conflict',
    false,
  ],
  ['scim 409 without a type', scim(409, 'User name already in use.'), 'genesys.conflict', false],
  ['platform 409', platform(409, 'general.resource.conflict'), 'genesys.conflict', false],
  ['platform 400 general.conflict', platform(400, 'general.conflict'), 'genesys.conflict', false],
  ['scim 400 invalidVers', scim(400, 'stale', 'invalidVers'), 'genesys.stale-version', true],
  ['scim 409 version', scim(409, 'Version does not match current version.'), 'genesys.stale-version', true],
  ['412', answer(412, ''), 'genesys.stale-version', true],
  [
    'platform 400 version clash',
    platform(400, 'general.conflict', 'The version 3 does not match the current version 4.'),
    'genesys.stale-version',
    true,
  ],
  ['408', platform(408, 'client.timeout'), 'genesys.timeout', true],
  ['413', platform(413, 'request.entity.too.large'), 'genesys.invalid', false],
  ['415', platform(415, 'unsupported.media.type'), 'genesys.invalid', false],
  ['418', answer(418, 'teapot'), 'genesys.invalid', false],
  ['429', platform(429, 'too.many.requests.retry.after'), 'genesys.throttled', true],
  ['500', platform(500, 'internal.server.error'), 'genesys.server-error', true],
  ['501', answer(501, ''), 'genesys.server-error', false],
  ['502 of a proxy', answer(502, '<html>Bad gateway</html>'), 'genesys.server-error', true],
  ['503', platform(503, 'service.unavailable'), 'genesys.server-error', true],
  ['504', platform(504, 'request.timeout'), 'genesys.server-error', true],
  ['a redirect', answer(302, ''), 'genesys.protocol', false],
] as const)('%s is told as its own kind of failure', (_name, answered, code, retryable) => {
  const failure = failureOf(answered, WRITE);
  expect(failure).toMatchObject({ name: 'GenesysError', code, retryable, status: answered.status });
  expect(failure.message).toMatch(/^[A-Z0-9a-z].*: .*\.$/);
  expect(failure.message.length).toBeLessThan(1_000);
  expect(failure.message).not.toContain('\n');
});

test.each([
  [200, true],
  [302, true],
  [400, false],
  [401, false],
  [404, false],
  [408, true],
  [409, false],
  [429, false],
  [500, true],
  [501, false],
  [503, true],
  [504, true],
])('a write answered %i may have been carried out: %s', (status, unknown) => {
  expect(failureOf(answer(status, ''), WRITE).unknownOutcome).toBe(unknown);
  expect(failureOf(answer(status, ''), READ).unknownOutcome).toBe(false);
});

test('a 404 that the service did not write never means that a user does not exist', () => {
  expect(failureOf(answer(404, '<html>nginx</html>'), READ).code).toBe('genesys.protocol');
  expect(failureOf(answer(404, { message: 'no route' }), READ).code).toBe('genesys.protocol');
});

test('a refused value is explained by the service itself, without the value', () => {
  const failure = failureOf(scim(400, 'Ann Lee (ann@example.com, +4930123456) is no "name".', 'invalidValue'), WRITE);
  expect(failure.message).toContain('(400 invalidValue), saying: *** (***, ***) is no "***":');
  expect(failure.scimType).toBe('invalidValue');
});

test('a conflict does not repeat the login that was sent', () => {
  const asked = { ...WRITE, values: ['ann.lee'] };
  expect(failureOf(scim(409, 'ann.lee is already in use', 'uniqueness'), asked).message).not.toContain('ann.lee');
});

test('a code or type that is no word is not repeated', () => {
  const failure = failureOf(answer(400, { message: 'x', code: 'Ann Lee', contextId: 'c' }), READ);
  expect(failure.message).not.toContain('Ann');
});

test('missing permissions are named with the role that has them', () => {
  const message =
    'You must have at least one of the following permissions assigned: [directory:user:add, authorization:grant:add]';
  const failure = failureOf(platform(403, 'missing.any.permissions', message), WRITE);
  expect(failure.message).toContain('directory:user:add, authorization:grant:add');
  expect(failure.message).toContain('"SCIM Integration"');
});

test.each([
  ['missing.division.permission', 'every division'],
  ['app.not.authorized.for.scope', 'scope "scim"'],
])('403 %s says what to do', (code, part) => {
  expect(failureOf(platform(403, code), WRITE).message).toContain(part);
});

test('a 403 of a firewall is not blamed on permissions', () => {
  expect(failureOf(answer(403, '<html>blocked</html>'), WRITE).message).toContain('firewall');
});

test('a 401 for the address of this machine says so', () => {
  expect(failureOf(platform(401, 'ip.not.authorized'), READ).message).toContain('list of allowed addresses');
});

test('a 429 says when to come back', () => {
  const failure = failureOf(answer(429, '', { 'retry-after': '42' }), WRITE);
  expect(failure.retryAfterMs).toBeGreaterThanOrEqual(42_250);
  expect(failure.retryAfterMs).toBeLessThanOrEqual(43_250);
});

test.each([
  [{ 'inin-correlation-id': 'a-1', 'genesys-correlation-id': 'b-2' }, 'a-1'],
  [{ 'genesys-correlation-id': 'b-2' }, 'b-2'],
  [{}, 'ctx-1'],
  [{ 'inin-correlation-id': 'a\tb<script>' }, 'abscript'],
])('the correlation id of %j is %s', (headers, id) => {
  const answered = { ...platform(500, 'internal.server.error'), headers };
  expect(failureOf(answered, READ).correlationId).toBe(id);
});

test.each([
  ['timeout', false, 'genesys.unreachable', true],
  ['timeout', true, 'genesys.timeout', true],
  ['lost', false, 'genesys.unreachable', true],
  ['lost', true, 'genesys.unreachable', true],
  ['refused', false, 'genesys.unreachable', true],
  ['unknown-host', false, 'genesys.unreachable', true],
  ['certificate', false, 'genesys.certificate', false],
  ['tls', false, 'genesys.unreachable', false],
  ['garbled', true, 'genesys.protocol', true],
  ['too-large', true, 'genesys.protocol', true],
  ['closed', false, 'genesys.unreachable', true],
] as const)('silence by %s (sent: %s) is %s', (reason, sent, code, retryable) => {
  const failure = failureOf(silence(reason, sent), WRITE);
  expect(failure).toMatchObject({ code, retryable, status: null, unknownOutcome: sent });
  expect(failure.message).toMatch(/api\.example.*: .*\.$/);
  expect(failureOf(silence(reason, sent), READ).unknownOutcome).toBe(false);
});

test('a success without a user leaves the outcome of a write open', () => {
  expect(unreadable(answer(200, '<html>'), WRITE, 'a SCIM user')).toMatchObject({
    code: 'genesys.protocol',
    unknownOutcome: true,
  });
  expect(unreadable(answer(200, '<html>'), READ, 'a SCIM user').unknownOutcome).toBe(false);
});

test('bad credentials name the settings and are not tried again', () => {
  const failure = badCredentials('400 invalid_client', 'genesys', answer(400, ''));
  expect(failure).toMatchObject({ code: 'genesys.credentials', retryable: false, status: 400 });
  expect(failure.message).toContain('GENESYS_CLIENT_ID');
});
