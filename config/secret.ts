import { inspect } from 'node:util';
import type { Secret } from '../model/settings.ts';

const REDACTED = '[secret]';

/** A secret that never prints: not by `String`, `JSON.stringify`, `util.inspect` or a logger. */
export class RedactedSecret implements Secret {
  readonly #read: () => string;

  /** @param read fetches the secret anew each time, so that a rotated file is found. */
  constructor(read: () => string) {
    this.#read = read;
  }

  read(): string {
    return this.#read();
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
