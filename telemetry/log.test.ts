import { expect, test } from 'vitest';
import { openLog, type Logger } from './log.ts';

const SECRETS = ['p"ss\\wört 1', 'client&secret/42+', 'a-key-of-32-bytes-in-base64-form'];

/** What is written by the given lines. */
function written(write: (log: Logger) => void, secrets: readonly string[] = SECRETS): string {
  let text = '';
  const destination = { write: (line: string) => void (text += line) };
  write(openLog('debug', { secrets: () => secrets, destination }));
  return text;
}

test('every line stays one JSON document with its level and message', () => {
  const lines = written((log) => {
    log.info('ready');
    log.warn({ error: new Error(SECRETS[0]) }, `about ${SECRETS[0]}`);
  });
  const [first, second] = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ level: 30, msg: 'ready' });
  expect(second).toMatchObject({ level: 40, error: '[redacted]', msg: 'about [redacted]' });
});

test.each<[string, (log: Logger, secret: string) => void]>([
  ['in the message', (log, secret) => log.info(`bound with ${secret}.`)],
  ['in a field that nobody thought of', (log, secret) => log.info({ deep: { er: { still: [secret] } } }, 'x')],
  ['in an error', (log, secret) => log.error(new Error(`cannot bind with ${secret}`))],
  ['in what hangs on an error', (log, secret) => log.error({ err: Object.assign(new Error('x'), { secret }) }, 'x')],
  ['in JSON inside a message', (log, secret) => log.info(`sent ${JSON.stringify({ key: secret })}`)],
  ['in a form', (log, secret) => log.info(`sent ${new URLSearchParams({ key: secret }).toString()}`)],
  ['in a URL', (log, secret) => log.info(`at postgres://rollcall:${encodeURIComponent(secret)}@db/x`)],
  ['in base64', (log, secret) => log.info(Buffer.from(secret).toString('base64'))],
])('a known secret does not show %s', (_, write) => {
  for (const secret of SECRETS) {
    const line = written((log) => write(log, secret));
    const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
    const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
    for (const form of [...forms, new URLSearchParams({ key: secret }).toString().slice(4), base64]) {
      expect(line).not.toContain(form);
    }
    expect(line).not.toBe('');
  }
});

test.each([
  ['a bearer token', 'authorization: Bearer eyJhbGciOi.J9-x_y', 'eyJ'],
  ['a client in a header', 'Authorization: Basic cm9sbGNhbGw6c2VjcmV0', 'cm9s'],
  ['a password in an address', 'ldaps://cn=reader,dc=x:hunter2@dc1.example/ou=a', 'hunter2'],
  ['a password with an @ in an address', 'postgres://rollcall:hun@ter2@db/x', 'ter2'],
  ['a token in an answer', '{"access_token":"abc123def","expires_in":300}', 'abc123'],
  ['a secret in a form', 'grant_type=client_credentials&client_secret=hunter2&x=1', 'hunter2'],
])('%s does not show, whoever logs it', (_, text, secret) => {
  const line = written((log) => {
    log.info(text);
    log.error({ detail: text, err: new Error(text) }, text);
  }, []);
  expect(line).not.toContain(secret);
  expect(line.trim().split('\n')).toHaveLength(2);
  for (const one of line.trim().split('\n')) expect(() => JSON.parse(one) as unknown).not.toThrow();
});

test('a secret that was rotated stays out as well', () => {
  let secrets = ['the old secret'];
  let text = '';
  const log = openLog('info', { secrets: () => secrets, destination: { write: (line) => void (text += line) } });
  log.info('first');
  secrets = ['the new secret'];
  log.info('the old secret, the new secret');
  expect(text).not.toMatch(/the (?:old|new) secret/);
});

test('fields with values of people are blanked', () => {
  const person = { userName: 'ann@corp.example', displayName: 'Ann', dn: 'cn=ann', before: { title: 'Boss' } };
  const line = written((log) => log.info({ ...person, user: person, deep: { user: person } }, 'x'));
  expect(line).not.toMatch(/ann|Boss/i);
});

test('an error shows neither stack nor what hangs on it, but its code', () => {
  const error = Object.assign(new Error('read failed'), { code: 'ECONNRESET', body: 'ann@corp.example' });
  const line = written((log) => {
    log.error(error);
    log.error({ error }, 'x');
  });
  expect(line).toContain('read failed (ECONNRESET)');
  expect(line).not.toMatch(/ann@|log\.test/);
});
