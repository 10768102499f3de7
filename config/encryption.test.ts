import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { config, ConfigFolder, ENV } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());

const BYTES = Buffer.from('0123456789abcdef0123456789ABCDEF');
const KEY = BYTES.toString('base64');
const TOKEN = '0123456789abcdef-token';
const KEYS = { keys: { '2026-11': KEY }, active: '2026-11' };
const ORIGIN = 'http://127.0.0.1:8233';

const load = (encryption: Json) => folder.load(config({ encryption }), { ...ENV, KEY, TOKEN });
const withServer = (changes: Json) => load({ ...KEYS, codecServer: { origin: ORIGIN, token: '${TOKEN}', ...changes } });

describe('the encryption section', () => {
  test('absent means that nothing is encrypted', () => {
    expect(folder.load(config()).encryption).toBeNull();
  });

  test.each([
    ['base64', KEY],
    ['base64 without padding', KEY.replace('=', '')],
    ['base64 for URLs', BYTES.toString('base64url')],
    ['hex', BYTES.toString('hex')],
    ['hex in capitals', BYTES.toString('hex').toUpperCase()],
    ['a variable', '${KEY}'],
    ['a file', `\${file:${folder.write('key.txt', `${KEY}\n`)}}`],
  ])('takes a key as %s', (_, key) => {
    const { encryption } = load({ keys: { '2026-11': key }, active: '2026-11' });
    expect(encryption).toMatchObject({ active: '2026-11', codecServer: null });
    expect(encryption?.keys.map(({ id, secret }) => [id, secret.read()])).toEqual([['2026-11', KEY]]);
  });

  test.each([
    ['a password', 'correct horse battery staple'],
    ['a key of 128 bits', BYTES.subarray(0, 16).toString('base64')],
    ['hex of another length', 'ab'.repeat(31)],
    ['base64 with other signs', `${KEY.slice(0, -2)}!=`],
  ])('refuses %s without repeating it', (_, key) => {
    const loading = (): unknown => load({ keys: { old: KEY, new: key }, active: 'old' });
    expect(loading).toThrow(
      'encryption.keys.new must be 32 bytes, as 44 characters of base64 or 64 hex digits, made by `openssl rand -base64 32`.',
    );
    expect(loading).not.toThrow(key);
  });

  test.each<[string, Json, string]>([
    ['no key', { keys: {}, active: 'a' }, 'encryption.keys needs at least one key'],
    ['an active key that is not there', { ...KEYS, active: '2026-12' }, 'encryption.active names "2026-12", which'],
    [
      'an id that does not fit',
      { keys: { 'a b': KEY }, active: 'a b' },
      'has the id "a b": ids have at most 32 letters',
    ],
    ['no active key', { keys: KEYS.keys }, 'encryption.active is missing'],
  ])('refuses %s', (_, encryption, sentence) => {
    expect(() => load(encryption)).toThrow(sentence);
  });

  test('decides no plan: a run that is open goes on when encryption is turned on', () => {
    expect(load(KEYS).hash).toBe(folder.load(config()).hash);
  });

  test('never prints a key or the token', () => {
    const settings = withServer({});
    for (const text of [JSON.stringify(settings), inspect(settings, { depth: 9, showHidden: true })]) {
      expect(text).not.toMatch(new RegExp(`${KEY}|${BYTES.toString('hex')}|${TOKEN}`));
      expect(text).toContain('[secret]');
    }
  });
});

describe('the codec server', () => {
  test('listens on loopback unless told otherwise', () => {
    const server = withServer({}).encryption?.codecServer;
    expect(server).toMatchObject({ host: '127.0.0.1', port: 8089, origin: ORIGIN });
    expect(server?.token.read()).toBe(TOKEN);
    expect(withServer({ listen: '[::1]:9089' }).encryption?.codecServer).toMatchObject({ host: '::1', port: 9089 });
  });

  test('listens on other addresses only where plain http is allowed, and says so', () => {
    expect(() => withServer({ listen: '0.0.0.0:8089' })).toThrow(
      'encryption.codecServer.listen would send decrypted values over the network in clear',
    );
    const allowed = withServer({ listen: '0.0.0.0:8089', allowPlainHttp: true });
    expect(allowed.warnings).toEqual([
      'The codec server at 0.0.0.0:8089 is not encrypted (encryption.codecServer.allowPlainHttp is true).',
    ]);
  });

  test.each<[string, Json, string]>([
    ['no port', { listen: '127.0.0.1' }, 'encryption.codecServer.listen must be an address and a port'],
    ['a port beyond all ports', { listen: '127.0.0.1:70000' }, 'must be an address and a port'],
    ['any page', { origin: '*' }, 'encryption.codecServer.origin must be where the Web UI is served'],
    ['a path in the origin', { origin: `${ORIGIN}/namespaces` }, 'must be where the Web UI is served'],
    ['a short token', { token: 'secret' }, 'encryption.codecServer.token must be at least 16 letters'],
    ['a token that no header takes', { token: 'sixteen letters and more' }, 'must be at least 16 letters'],
  ])('takes not %s', (_, changes, sentence) => {
    expect(() => withServer(changes)).toThrow(sentence);
  });
});
