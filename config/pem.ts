import { resolve } from 'node:path';
import { fail } from './fault.ts';
import { readTextFile } from './interpolate.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----';

/** PEM text of the authorities to trust: `source` is a path (relative to `folder`) or the text itself; null = none named. */
export function readAuthorities(source: string | undefined, key: string, folder: string): string | null {
  if (source === undefined) return null;
  if (source.includes(BEGIN)) return source;
  const path = resolve(folder, source);
  const text = readTextFile(path, key);
  return text.includes(BEGIN) ? text : fail(key, `names ${path}, which holds no PEM certificate (${BEGIN}).`);
}
