import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encryptionWith, newKey } from '../test/support/encryption.ts';
import { EncryptionCodec } from './encryption-codec.ts';

const [OLD, NEW] = [newKey(), newKey()];
const codec = new EncryptionCodec(encryptionWith({ '2026-11': NEW }));

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (one: Payload | undefined): unknown => defaultPayloadConverter.fromPayload(one!);

async function sealed(value: unknown, by = codec): Promise<Payload> {
  const [one] = await by.encode([payload(value)]);
  return one!;
}

async function opened(one: Payload, by = codec): Promise<unknown> {
  return valueOf((await by.decode([one]))[0]);
}

/** The same payload with one bit of its data turned. */
function tampered(one: Payload, at: number): Payload {
  const data = Buffer.from(one.data!);
  data[at % data.length]! ^= 1;
  return { ...one, data };
}

/** JSON knows no negative zero. */
const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe('what is encrypted', () => {
  test('comes back as it was, of whatever kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(jsonValue, fc.uint8Array())), async (values) => {
        const encoded = await codec.encode(values.map(payload));
        expect((await codec.decode(encoded)).map(valueOf)).toEqual(values);
      }),
    );
    expect(await opened(await sealed(undefined))).toBeUndefined();
    expect(await codec.decode(await codec.encode([]))).toEqual([]);
  });

  test('shows nothing but its key', async () => {
    const secret = await sealed({ login: 'ann.lee@corp.example' });
    const text = Buffer.from(secret.data!).toString('latin1');
    expect(text).not.toMatch(/ann|login|json/);
    const metadata = Object.entries(secret.metadata!).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
    expect(Object.fromEntries(metadata)).toEqual({ encoding: 'binary/encrypted', 'encryption-key-id': '2026-11' });
  });

  test('is never twice the same', async () => {
    expect((await sealed('x')).data).not.toEqual((await sealed('x')).data);
  });

  test('fits, as the longest summary with the longest key id, into the 400 bytes that Temporal takes', async () => {
    const id = 'k'.repeat(32);
    const { data, metadata } = await sealed('s'.repeat(200), new EncryptionCodec(encryptionWith({ [id]: NEW })));
    const parts = [data!, ...Object.keys(metadata!), ...Object.values(metadata!)];
    expect(parts.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(380);
  });
});

describe('what was changed on its way', () => {
  test('is refused, whichever bit it is', async () => {
    const secret = await sealed('ann.lee@corp.example');
    await fc.assert(
      fc.asyncProperty(fc.nat(200), async (at) => {
        await expect(codec.decode([tampered(secret, at)])).rejects.toMatchObject({ code: 'temporal.encryption' });
      }),
    );
  });

  test.each([0, 11, 12, 27, 28])('is refused when only %i bytes are left', async (length) => {
    const secret = await sealed('x');
    const cut = { ...secret, data: secret.data!.subarray(0, length) };
    await expect(codec.decode([cut])).rejects.toThrow('does not open with key 2026-11');
  });

  test('is refused under the id of another key, even of one with the same bytes', async () => {
    const both = new EncryptionCodec(encryptionWith({ one: NEW, two: NEW }));
    const secret = await sealed('x', both);
    const moved = { ...secret, metadata: { ...secret.metadata, 'encryption-key-id': Buffer.from('two') } };
    await expect(both.decode([moved])).rejects.toThrow(
      "A value in Temporal's history does not open with key two of this configuration; give encryption.keys.two the key that the value was encrypted with",
    );
  });
});

describe('keys', () => {
  test('that are no longer active still decrypt', async () => {
    const before = await sealed('of old', new EncryptionCodec(encryptionWith({ '2025-11': OLD })));
    const rotated = new EncryptionCodec(encryptionWith({ '2025-11': OLD, '2026-11': NEW }, '2026-11'));
    expect(await opened(before, rotated)).toBe('of old');
    expect(await opened(await sealed('new', rotated))).toBe('new');
    expect(Buffer.from((await sealed('new', rotated)).metadata!['encryption-key-id']!).toString()).toBe('2026-11');
  });

  test('that are not there are named with what to do', async () => {
    const before = await sealed('of old', new EncryptionCodec(encryptionWith({ '2025-11': OLD })));
    const sentence =
      'Temporal holds values encrypted with key 2025-11, which this configuration does not have; add that key under encryption.keys, and keep it there until no history needs it.';
    await expect(codec.decode([before])).rejects.toThrow(sentence);
    await expect(new EncryptionCodec(null).decode([before])).rejects.toThrow(sentence);
  });

  test('of another program are not looked for', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    await expect(codec.decode([foreign])).rejects.toThrow('encrypted, but not by Rollcall');
  });
});

test('what is not encrypted passes as it is, and without keys nothing is encrypted', async () => {
  const plain = payload({ login: 'ann' });
  expect(await codec.decode([plain])).toEqual([plain]);
  expect(await new EncryptionCodec(null).encode([plain])).toEqual([plain]);
});
