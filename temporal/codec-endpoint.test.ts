import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { encryptionWith, newKey } from '../test/support/encryption.ts';
import { codecEndpoint } from './codec-endpoint.ts';
import { EncryptionCodec } from './encryption-codec.ts';

const ORIGIN = 'http://127.0.0.1:8233';
const TOKEN = 'token-of-the-tests';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const BASIC = { authorization: `Basic ${Buffer.from(`anybody:${TOKEN}`).toString('base64')}` };
const codec = new EncryptionCodec(encryptionWith({ '2026-11': newKey() }));
const app = codecEndpoint(codec, { origin: ORIGIN, token: { read: () => TOKEN } });

const post = (path: string, body: unknown, headers: Record<string, string> = BEARER) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const { metadata, data } = defaultPayloadConverter.toPayload({ login: 'ann' });
const plain = {
  metadata: { encoding: Buffer.from(metadata!['encoding']!).toString('base64') },
  data: Buffer.from(data!).toString('base64'),
};

async function encoded(): Promise<{ payloads: { metadata: Record<string, string>; data: string }[] }> {
  return (await (await post('/encode', { payloads: [plain, plain] })).json()) as Awaited<ReturnType<typeof encoded>>;
}

describe('the remote codec', () => {
  test('encodes and decodes in the JSON of the API, in order', async () => {
    const { payloads } = await encoded();
    expect(payloads.map((one) => Buffer.from(one.metadata['encoding']!, 'base64').toString())).toEqual([
      'binary/encrypted',
      'binary/encrypted',
    ]);
    const answer = await post('/decode', { payloads: [...payloads, plain] });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ payloads: [plain, plain, plain] });
  });

  test('answers an empty request with an empty answer', async () => {
    expect(await (await post('/decode', {})).json()).toEqual({ payloads: [] });
  });

  test('says why it cannot decode, in one sentence', async () => {
    const other = new EncryptionCodec(encryptionWith({ other: newKey() }));
    const apart = codecEndpoint(other, { origin: ORIGIN, token: { read: () => TOKEN } });
    const answer = await apart.request('/decode', {
      method: 'POST',
      headers: BEARER,
      body: JSON.stringify(await encoded()),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('encrypted with key 2026-11, which this configuration does not have');
  });

  test.each(['', 'nonsense', '[]', '{"payloads": 1}', '{"payloads": [1]}'])('refuses the body %j', async (body) => {
    const answer = await post('/decode', body);
    expect([answer.status, await answer.text()]).toEqual([400, 'The body must be {"payloads": [...]} as JSON.']);
  });

  test('refuses what is larger than any history page', async () => {
    expect((await post('/decode', 'x'.repeat(9 * 1024 * 1024))).status).toBe(413);
  });
});

describe('access', () => {
  test('is given to the bearer of the token, and to any user with it as password', async () => {
    for (const headers of [BEARER, BASIC]) {
      expect((await post('/decode', { payloads: [plain] }, headers)).status).toBe(200);
      expect((await app.request('/', { headers })).status).toBe(200);
    }
  });

  test.each<[string, Record<string, string>]>([
    ['nobody', {}],
    ['another token', { authorization: 'Bearer another-token-of-16' }],
    ['another password', { authorization: `Basic ${Buffer.from('ann:another').toString('base64')}` }],
    ['a header of another kind', { authorization: TOKEN }],
  ])('is refused to %s', async (_, headers) => {
    for (const path of ['/decode', '/encode']) {
      const answer = await post(path, { payloads: [plain] }, headers);
      expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('needs the token')]);
    }
  });

  test('lets a browser ask for the password', async () => {
    expect((await app.request('/')).headers.get('www-authenticate')).toMatch(/^Basic /);
  });
});

describe('a browser', () => {
  const asks = { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } };
  const headers = 'authorization,content-type,x-namespace';

  test('may ask beforehand without the token, for the Web UI and its headers', async () => {
    const answer = await app.request('/decode', {
      ...asks,
      headers: { ...asks.headers, 'access-control-request-headers': headers },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-allow-headers')).toBe(headers);
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
  });

  test('shows the Web UI every answer, refusals too', async () => {
    for (const [given, status] of [
      [BEARER, 200],
      [{}, 401],
    ] as const) {
      const answer = await post('/decode', { payloads: [plain] }, { ...given, origin: ORIGIN });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, ORIGIN]);
    }
  });

  test('gets nothing for any other page, whatever password it keeps', async () => {
    const answer = await post('/decode', { payloads: [plain] }, { ...BASIC, origin: 'http://evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('http://evil.example');
  });
});
