import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { RollcallError } from '../model/errors.ts';
import type { EncryptionSettings } from '../model/settings.ts';

/** What Temporal's own samples write, so that other tools know an encrypted value when they see one. */
const ENCRYPTED = 'binary/encrypted';
const ENCODING = 'encoding';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
/** Random for every value (NIST SP 800-38D, 8.2.2): one key is good for 2^32 values. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const { Payload: PayloadProto } = proto.temporal.api.common.v1;

/**
 * Encrypts what Temporal keeps with AES-256-GCM: a value becomes nonce, ciphertext and tag over the whole of its payload,
 * bound to its key's id. Values that are not encrypted pass through `decode` unchanged, so encryption can be turned on
 * and off while runs are open; without settings `encode` changes nothing either.
 *
 * `decode` fails with `temporal.encryption` when it lacks the key or the value was changed.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #active: string | null;

  constructor(settings: Pick<EncryptionSettings, 'active' | 'keys'> | null) {
    const keys = settings?.keys ?? [];
    this.#keys = new Map(keys.map(({ id, secret }) => [id, Buffer.from(secret.read(), 'base64')]));
    this.#active = settings?.active ?? null;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const id = this.#active;
    if (id === null) return payloads;
    const key = this.#keyOf(id);
    return payloads.map((payload) => encrypt(payload, id, key));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (textOf(payload, ENCODING) !== ENCRYPTED) return payload;
      const id = textOf(payload, KEY_ID);
      return decrypt(payload, id, this.#keyOf(id));
    });
  }

  #keyOf(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key !== undefined) return key;
    if (id === '') {
      const remedy = 'let the program that did it use a namespace of its own';
      throw failure(`Temporal holds a value that is encrypted, but not by Rollcall; ${remedy}.`);
    }
    const remedy = 'add that key under encryption.keys, and keep it there until no history needs it';
    throw failure(`Temporal holds values encrypted with key ${id}, which this configuration does not have; ${remedy}.`);
  }
}

function encrypt(payload: Payload, id: string, key: Buffer): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(id));
  const sealed = [cipher.update(PayloadProto.encode(payload).finish()), cipher.final()];
  return {
    metadata: { [ENCODING]: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]),
  };
}

function decrypt(payload: Payload, id: string, key: Buffer): Payload {
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(id)).setAuthTag(data.subarray(-TAG_BYTES));
    const opened = [decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return PayloadProto.decode(Buffer.concat(opened));
  } catch (cause) {
    const remedy = `give encryption.keys.${id} the key that the value was encrypted with, unless somebody changed the value`;
    throw failure(
      `A value in Temporal's history does not open with key ${id} of this configuration; ${remedy}.`,
      cause,
    );
  }
}

/** Authenticated with every value, so that neither its key's id nor its kind can be exchanged. */
function boundTo(id: string): Buffer {
  return Buffer.from(`rollcall/1 ${ENCRYPTED} ${id}`);
}

function textOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString();
}

function failure(message: string, cause?: unknown): RollcallError {
  return new RollcallError('temporal.encryption', message, cause === undefined ? {} : { cause });
}
