import type { SearchEntry } from 'ldapts';

/** Values of one entry by attribute name in lower case, as bytes, in server order. */
export type RawAttributes = Map<string, Buffer[]>;

/** Attributes whose bytes may pass for text by chance. */
const BINARY: ReadonlySet<string> = new Set([
  'audio',
  'jpegphoto',
  'logonhours',
  'ms-ds-consistencyguid',
  'msexchmailboxguid',
  'ntsecuritydescriptor',
  'objectguid',
  'objectsid',
  'photo',
  'sidhistory',
  'thumbnaillogo',
  'thumbnailphoto',
  'usercertificate',
  'usersmimecertificate',
]);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The entry's attributes as bytes. AD answers long lists in ranges (`member;range=0-1499`): their values stand under
 * the plain name, and the entry is listed in `cut` where more are to come. Other options (`cn;lang-de`) stay part of the name.
 */
export function rawAttributes(entry: SearchEntry): { values: RawAttributes; cut: { name: string; next: number }[] } {
  const values: RawAttributes = new Map();
  const cut: { name: string; next: number }[] = [];
  for (const { type, parsedBuffers } of entry.attributes) {
    const name = type.toLowerCase();
    const range = /^(.+);range=\d+-(\d+|\*)$/.exec(name);
    const plain = range?.[1] ?? name;
    if (range !== null && range[2] !== '*') cut.push({ name: plain, next: Number(range[2]) + 1 });
    values.set(plain, [...(values.get(plain) ?? []), ...parsedBuffers]);
  }
  return { values, cut };
}

/** The values that are text; binary attributes, values that are no UTF-8, and attributes left without a value are left out. */
export function textAttributes(raw: RawAttributes): Record<string, string[]> {
  const attributes: Record<string, string[]> = {};
  for (const [name, values] of raw) {
    if (BINARY.has(name) || name.endsWith(';binary')) continue;
    const texts = values.map(decode).filter((value) => value !== null);
    if (texts.length > 0) attributes[name] = texts;
  }
  return attributes;
}

function decode(value: Buffer): string | null {
  try {
    return utf8.decode(value);
  } catch {
    return null;
  }
}
