import type { CodecServerSettings, EncryptionKey, EncryptionSettings } from '../model/settings.ts';
import type { Build } from './directories.ts';
import { fail } from './fault.ts';
import { readListenAddress } from './listen-address.ts';
import type { Config } from './schema.ts';
import { RedactedSecret } from './secret.ts';
import { isLoopback } from './shapes.ts';

type EncryptionConfig = NonNullable<Config['encryption']>;

/** Of AES-256. */
const KEY_BYTES = 32;
/** With a longer id a summary of 200 bytes could pass the 400 that Temporal's server takes. */
const KEY_ID = /^[\w-]{1,32}$/;
/** Of a bearer token (RFC 6750); shorter ones can be guessed at the speed of a loopback connection. */
const TOKEN = /^[\w.~+/-]{16,}=*$/;

/** The keys as they are used, each checked once here, so that a wrong one is found before anything is contacted. */
export function buildEncryption(config: EncryptionConfig | undefined, build: Build): EncryptionSettings | null {
  if (config === undefined) return null;
  const { active, keys, codecServer } = config;
  const ids = Object.keys(keys);
  if (ids.length === 0) fail('encryption.keys', `needs at least one key, such as 2026-11: \${file:…}, ${MAKE_ONE}.`);
  if (!ids.includes(active)) {
    fail('encryption.active', `names ${JSON.stringify(active)}, which encryption.keys lacks: name one of its ids.`);
  }
  return {
    active,
    keys: ids.map((id) => buildKey(id, build)),
    codecServer: codecServer === undefined ? null : buildCodecServer(codecServer, build),
  };
}

const MAKE_ONE = 'made by `openssl rand -base64 32`';

function buildKey(id: string, build: Build): EncryptionKey {
  if (!KEY_ID.test(id)) {
    fail('encryption.keys', `has the id ${JSON.stringify(id)}: ids have at most 32 letters, digits, - and _.`);
  }
  const key = `encryption.keys.${id}`;
  const bytes = bytesOf(build.secret(key).read(), key);
  return { id, secret: new RedactedSecret(() => bytes) };
}

/** The key in base64, however it was written. 64 hex digits are hex, since as base64 they would be 48 bytes. */
function bytesOf(text: string, key: string): string {
  const given = text.trim();
  const bytes = /^[\da-f]{64}$/i.test(given) ? Buffer.from(given, 'hex') : Buffer.from(given, 'base64');
  const isBase64 = /^[\w+/-]+={0,2}$/.test(given);
  if (isBase64 && bytes.length === KEY_BYTES) return bytes.toString('base64');
  return fail(key, `must be ${KEY_BYTES} bytes, as 44 characters of base64 or 64 hex digits, ${MAKE_ONE}.`);
}

function buildCodecServer(
  { listen, origin, token, allowPlainHttp }: NonNullable<EncryptionConfig['codecServer']>,
  build: Build,
): CodecServerSettings {
  const at = 'encryption.codecServer';
  const address = readListenAddress(listen, `${at}.listen`);
  if (!isLoopback(address.host)) {
    if (!allowPlainHttp) {
      const remedy = `listen on 127.0.0.1 behind a proxy that adds TLS, or say ${at}.allowPlainHttp: true`;
      fail(`${at}.listen`, `would send decrypted values over the network in clear: ${remedy}.`);
    }
    build.warn(`The codec server at ${listen} is not encrypted (${at}.allowPlainHttp is true).`);
  }
  if (!TOKEN.test(token.trim())) {
    fail(`${at}.token`, 'must be at least 16 letters, digits or . _ ~ + / -, as made by `openssl rand -hex 24`.');
  }
  const secret = build.secret(`${at}.token`);
  return {
    ...address,
    origin: originOf(origin, `${at}.origin`),
    token: new RedactedSecret(() => secret.read().trim()),
  };
}

function originOf(text: string, key: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && ['http:', 'https:'].includes(url.protocol) && `${url.origin}/` === url.href;
  return isOrigin ? url.origin : fail(key, 'must be where the Web UI is served, such as http://127.0.0.1:8233.');
}
