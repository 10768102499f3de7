import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noRequests, targetSettings } from '../test/support/genesys-target.ts';
import { sendJson, startHttpServer } from '../test/support/http-server.ts';
import type { HttpServer } from '../test/support/http-server.ts';
import { openGenesys } from './open.ts';
import { unpaced } from './pace.ts';

let folder: string;
let cert: string;
let server: HttpServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=rollcall.example', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject]);
  cert = await readFile(certFile, 'utf8');
  server = await startHttpServer(
    (_request, response) => sendJson(response, 200, { access_token: 'token', expires_in: 86_399 }),
    { key: await readFile(keyFile, 'utf8'), cert },
  );
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function authenticate(origin: string, ca: string | null): Promise<void> {
  const genesys = openGenesys({ ...targetSettings(origin, `${origin}/oauth/token`), ca }, unpaced);
  try {
    await genesys.authenticate({ requests: noRequests() });
  } finally {
    await genesys.close();
  }
}

test('a certificate of an unknown CA is refused, even where the environment says otherwise', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    await expect(authenticate(server.origin, null)).rejects.toMatchObject({
      code: 'genesys.certificate',
      retryable: false,
      unknownOutcome: false,
    });
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
});

test('a certificate of the configured CA is trusted', async () => {
  await expect(authenticate(server.origin, cert)).resolves.toBeUndefined();
});

test('a certificate for another name is refused', async () => {
  const other = server.origin.replace('127.0.0.1', 'localhost');
  await expect(authenticate(other, cert)).rejects.toMatchObject({ code: 'genesys.certificate' });
});

test('https to a port that speaks plain http says so', async () => {
  const plain = await startHttpServer((_request, response) => response.end());
  await expect(authenticate(plain.origin.replace('http:', 'https:'), null)).rejects.toThrow(/No TLS connection/);
  await plain.close();
});

test.each([
  ['http://api.example.com', 'http://127.0.0.1/oauth/token'],
  ['http://127.0.0.1', 'http://login.example.com/oauth/token'],
  ['http://127.0.0.1.example.com', 'http://127.0.0.1/oauth/token'],
  ['ftp://127.0.0.1', 'http://127.0.0.1/oauth/token'],
  ['api.mypurecloud.ie', 'https://login.mypurecloud.ie/oauth/token'],
])('plain http to other hosts and what is no address is refused: %s, %s', (baseUrl, tokenUrl) => {
  expect(() => openGenesys(targetSettings(baseUrl, tokenUrl), unpaced)).toThrow(
    expect.objectContaining({ name: 'ConfigError' }),
  );
});

test.each([
  ['http://127.0.0.1:1', false],
  ['http://localhost:1', false],
  ['http://[::1]:1', false],
  ['http://genesys.internal', true],
])('plain http to %s is taken (allowed in as many words: %s)', async (origin, allowPlain) => {
  const genesys = openGenesys({ ...targetSettings(origin, `${origin}/oauth/token`), allowPlain }, unpaced);
  await expect(genesys.close()).resolves.toBeUndefined();
});
