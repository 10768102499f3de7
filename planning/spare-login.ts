import type { Anchor } from '../model/entry.ts';
import { loginParts } from './login-parts.ts';

/** Further tries before the whole anchor is spent. */
const TRIES = 9;

/**
 * Logins for a user who has to give his own away, in the order in which they are tried: `retired-0a1b2c3d@corp.example`,
 * the same with `-2` to `-9`, and with the whole anchor, which nobody else has. In the domain of the login given away,
 * without one where that is no address.
 */
export function spareLogins(prefix: 'retired' | 'moving', anchor: Anchor, login: string): string[] {
  const domain = loginParts(login).domain.toLowerCase();
  const short = `${prefix}-${anchor.slice(0, 8)}`;
  const further = Array.from({ length: TRIES - 1 }, (_, index) => `${short}-${index + 2}`);
  return [short, ...further, `${prefix}-${anchor}`].map((local) => `${local}${domain}`);
}

/** The first of these that nobody has; the last one where all are taken. */
export function firstFree(logins: readonly string[], isTaken: (login: string) => boolean): string {
  return logins.find((login) => !isTaken(login)) ?? logins.at(-1) ?? '';
}

/** Whether a login is one that a retired user was given. */
export function isRetiredLogin(login: string, anchor: Anchor): boolean {
  return spareLogins('retired', anchor, login).includes(login.toLowerCase());
}
