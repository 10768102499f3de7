import { randomBytes } from 'node:crypto';
import type { EncryptionSettings } from '../../model/settings.ts';

/** A new key, in base64 as an operator writes it. */
export function newKey(): string {
  return randomBytes(32).toString('base64');
}

/** Settings with those keys (base64); the first of them encrypts unless told otherwise. */
export function encryptionWith(keys: Record<string, string>, active = Object.keys(keys)[0]): EncryptionSettings {
  if (active === undefined) throw new Error('no key is given');
  const list = Object.entries(keys).map(([id, text]) => ({ id, secret: { read: () => text } }));
  return { active, keys: list, codecServer: null };
}
