import type { ErrorCode } from '../model/errors.ts';

/** Says which key of the configuration is wrong; `loadSettings` puts the file's name in front. */
export class ConfigFault extends Error {
  readonly key: string;
  readonly code: ErrorCode;

  constructor(key: string, what: string, code: ErrorCode = 'config.invalid') {
    super(what);
    this.key = key;
    this.code = code;
  }
}

/** Ends loading. `key`: place in the configuration (`directories[0].urls[1]`); `what`: rest of the sentence, with its remedy. */
export function fail(key: string, what: string, code?: ErrorCode): never {
  throw new ConfigFault(key, what, code);
}

/** `a` and `b`, `a` and 0 -> `a.b`, `a[0]`. */
export function keyOf(parent: string, member: string | number): string {
  if (typeof member === 'number') return `${parent}[${member}]`;
  return parent === '' ? member : `${parent}.${member}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
