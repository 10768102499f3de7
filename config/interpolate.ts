import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fail, isObject, keyOf } from './fault.ts';

/** Where `${NAME}` and `${file:PATH}` are looked up; relative paths start at `folder`. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  folder: string;
}

const PLACE = /\$(?<escape>\$?)\{(?<name>[^}]*)\}/g;

/** Fills `${NAME}` and `${file:PATH}` into every text below a value; `$${` stands for a literal `${`. */
export function interpolate(value: unknown, key: string, surroundings: Surroundings): unknown {
  if (typeof value === 'string') return interpolateText(value, key, surroundings);
  if (Array.isArray(value)) {
    return value.map((element: unknown, index) => interpolate(element, keyOf(key, index), surroundings));
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    return [name, interpolate(member, keyOf(key, name), surroundings)] as const;
  });
  return Object.fromEntries(members);
}

/** Whether a text is one `${NAME}` or `${file:PATH}` and nothing else. */
export function isOnePlace(text: string): boolean {
  return /^\s*\$\{[^}]*\}\s*$/.test(text);
}

export function interpolateText(text: string, key: string, surroundings: Surroundings): string {
  return text.replace(PLACE, (place: string, escape: string, name: string) => {
    if (escape !== '') return place.slice(1);
    if (name.startsWith('file:')) return readSecretFile(name.slice('file:'.length).trim(), key, surroundings);
    return readVariable(name.trim(), key, surroundings);
  });
}

function readVariable(name: string, key: string, { env }: Surroundings): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    fail(
      key,
      'has ${…} around something that is no variable name: write ${NAME}, ${file:PATH}, or $${ for a literal ${.',
    );
  }
  const value = env[name];
  if (value === undefined)
    fail(key, `needs the environment variable ${name}, which is not set: set it, or change the key.`);
  return value;
}

function readSecretFile(path: string, key: string, { folder }: Surroundings): string {
  return readTextFile(resolve(folder, path), key).replace(/[\r\n]+$/, '');
}

/** A file that the configuration names. */
export function readTextFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return fail(key, `needs the file ${path}, which cannot be read (${code}): create it, or correct the path.`);
  }
}
