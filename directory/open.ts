import net from 'node:net';
import tls from 'node:tls';
import type { Anchor, Sighting, VendorName } from '../model/entry.ts';
import { ConfigError, DirectoryError, RollcallError } from '../model/errors.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { rawAttributes, textAttributes } from './attributes.ts';
import { Connection, type Endpoint } from './connection.ts';
import { directoryError, isHidden, type Place } from './failures.ts';
import { parseFilter } from './filter.ts';
import { inspect, type Inspection, type Named } from './inspect.ts';
import { lookUp } from './lookup.ts';
import { type DirectoryRead, readEntries, type ReadOptions } from './read.ts';
import type { Session } from './session.ts';
import { invocationOf } from './stamp.ts';
import { ROOT_DSE_ATTRIBUTES, type RootDse, vendorOf } from './vendors.ts';

/** A directory, connected and bound. Close it after use. One read or lookup at a time: servers keep one paged search a connection. */
export interface Directory {
  vendor: VendorName;
  /** The url in use. */
  server: string;
  /** Reads everybody in scope; with `anchors` only those of them. */
  read(options?: ReadOptions): DirectoryRead;
  /**
   * Where these people are now, by anchor, in scope or not. Who is in no sighting is gone.
   * @throws DirectoryError when that cannot be told for certain
   */
  lookup(anchors: Anchor[], signal?: AbortSignal): Promise<Sighting[]>;
  /**
   * Every entry of this server that answers to a name, in scope or not, with what puts it in scope or keeps it out.
   * @throws DirectoryError when a search fails
   */
  inspect(named: Named): Promise<Inspection[]>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Attributes that the entries of a read shall carry, besides what Rollcall needs itself. */
  attributes: readonly string[];
  /** A sweep, which leaves out where entries come from. Default false. */
  light?: boolean;
  /** The moment for which `enabled` is decided. */
  now: Date;
  signal?: AbortSignal | undefined;
  /** Longest time for connecting and binding in all, over all urls; also the longest silence of a server later on. Default 20 s. */
  budgetMs?: number;
}

const BUDGET_MS = 20_000;

/**
 * Connects to the first of the configured servers that lets us in, binds, and recognises the vendor. Wrong credentials
 * end the attempt at once: another try elsewhere would only count towards a lockout.
 * @throws ConfigError or DirectoryError `directory.filter` before anything is contacted, DirectoryError afterwards
 */
export async function openDirectory(settings: DirectorySettings, options: OpenOptions): Promise<Directory> {
  if (settings.filter !== null) parseFilter(settings.filter);
  const budgetMs = options.budgetMs ?? BUDGET_MS;
  const endpoints = settings.urls.map((url) => ({ url, endpoint: endpointOf(url, settings, budgetMs) }));
  const until = Date.now() + budgetMs;
  const failures: RollcallError[] = [];
  for (const [index, { url, endpoint }] of endpoints.entries()) {
    // An equal share of what is left, so that a silent first server leaves time for the second.
    const share = Math.max(1, Math.floor((until - Date.now()) / (endpoints.length - index)));
    try {
      return asDirectory(await openSession(url, endpoint, settings, options, share));
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code === 'directory.credentials') throw error;
      failures.push(error);
    }
  }
  throw allFailed(settings, failures);
}

async function openSession(
  url: string,
  endpoint: Endpoint,
  settings: DirectorySettings,
  { attributes, light = false, now, signal: cancelled }: OpenOptions,
  timeoutMs: number,
): Promise<Session> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = cancelled === undefined ? timeout : AbortSignal.any([cancelled, timeout]);
  const place: Place = { directory: settings.name, server: url, phase: 'connect' };
  let connection: Connection | null = null;
  try {
    const password = bindPassword(settings);
    connection = await Connection.open(endpoint, signal);
    place.phase = 'bind';
    await connection.bind(settings.bindDn, password, signal);
    place.phase = 'read';
    const rootDse = await readRootDse(connection, signal);
    const vendor = vendorOf(rootDse);
    const invocation = vendor.name === 'ad' ? await invocationOf(connection, rootDse, signal) : '';
    return { connection, settings, vendor, rootDse, invocation, server: url, attributes, light, now };
  } catch (error) {
    await connection?.close();
    cancelled?.throwIfAborted();
    throw timeout.aborted ? noAnswer(place, timeoutMs) : directoryError(error, place);
  }
}

function bindPassword(settings: DirectorySettings): string {
  const password = settings.bindPassword.read();
  // A bind with a name and no password succeeds as an anonymous one (RFC 4513, 5.1.2).
  if (password !== '') return password;
  throw new DirectoryError(
    'directory.credentials',
    `Directory ${settings.name}: the bind password is empty; set bindPassword.`,
  );
}

/** The root DSE; empty where the account may not read it. */
async function readRootDse(connection: Connection, signal: AbortSignal): Promise<RootDse> {
  const search = {
    base: '',
    scope: 'base' as const,
    filter: parseFilter('(objectClass=*)'),
    attributes: [...ROOT_DSE_ATTRIBUTES],
  };
  try {
    const [rootDse] = (await connection.search(search, signal)).entries;
    return rootDse === undefined ? {} : textAttributes(rawAttributes(rootDse).values);
  } catch (error) {
    if (isHidden(error)) return {};
    throw error;
  }
}

function noAnswer({ directory, server }: Place, timeoutMs: number): DirectoryError {
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  return new DirectoryError(
    'directory.unreachable',
    `Directory ${directory} (${server}): no answer within ${seconds} s; check the server and the way to it.`,
    { retryable: true },
  );
}

function allFailed(settings: DirectorySettings, failures: RollcallError[]): RollcallError {
  const [first, ...others] = failures;
  if (first === undefined) return new ConfigError(`Directory ${settings.name} has no url; add one to urls.`);
  if (others.length === 0) return first;
  const told = failures.map((failure) =>
    failure.message.replace(/^Directory \S+ \((.*?)\): /, '$1: ').replace(/\.$/, ''),
  );
  const retryable = failures.some((failure) => failure.retryable);
  return new DirectoryError(
    first.code,
    `Directory ${settings.name}: none of its servers can be used: ${told.join('; ')}.`,
    {
      cause: first,
      retryable,
    },
  );
}

function asDirectory(session: Session): Directory {
  return {
    vendor: session.vendor.name,
    server: session.server,
    read: (options = {}) => readEntries(session, options),
    lookup: (anchors, signal) => lookUp(session, anchors, signal),
    inspect: (named) => inspect(session, named),
    close: () => session.connection.close(),
  };
}

/** @throws ConfigError for a url that is none, and for `ldap://` without StartTLS to other hosts than loopback */
function endpointOf(url: string, settings: DirectorySettings, silenceMs: number): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['ldap:', 'ldaps:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw new ConfigError(`Directory ${settings.name}: ${url} is no ldap:// or ldaps:// url; correct urls.`);
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const isTls = parsed.protocol === 'ldaps:';
  const security = isTls ? 'tls' : settings.startTls ? 'startTls' : 'none';
  if (security === 'none' && !settings.allowPlain && !isLoopback(host)) {
    throw new ConfigError(
      `Directory ${settings.name}: ${url} would send the password in clear text; use ldaps:// or startTls: true.`,
    );
  }
  const port = parsed.port === '' ? (isTls ? 636 : 389) : Number(parsed.port);
  return { host, port, security, silenceMs, tls: tlsOptions(host, settings) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));
}

function tlsOptions(host: string, { tls: { ca, verify, serverName } }: DirectorySettings): tls.ConnectionOptions {
  const expected = serverName ?? host;
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(expected, certificate),
    // SNI takes no addresses (RFC 6066, 3).
    ...(net.isIP(expected) === 0 ? { servername: expected } : {}),
    // Giving a CA replaces the built-in ones, so these are named too.
    ...(ca === null ? {} : { ca: [...tls.rootCertificates, ca] }),
  };
}
