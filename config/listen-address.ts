import type { ListenAddress } from '../model/settings.ts';
import { fail } from './fault.ts';

/** A host name or address, IPv6 in brackets, and a port. */
const FORM = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i;

/** Reads `host:port`, to listen on. */
export function readListenAddress(text: string, key: string): ListenAddress {
  const [, bracketed, plain, digits] = FORM.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    fail(key, 'must be an address and a port to listen on, such as 127.0.0.1:9464, or [::1]:9464.');
  }
  return { host, port };
}
