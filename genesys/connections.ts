import { rootCertificates } from 'node:tls';
import { Pool } from 'undici';
import { ConfigError } from '../model/errors.ts';
import type { TargetSettings } from '../model/settings.ts';

/** The pools of connections to the API and the login host; one where they are the same. */
export interface Connections {
  api: Pool;
  login: Pool;
  /** Lets requests on the wire finish. */
  close(): Promise<void>;
}

/** Idle connections are kept this long where the server names no time itself. */
const KEEP_ALIVE_MS = 10_000;

export function openConnections(settings: TargetSettings, connectTimeoutMs: number): Connections {
  const api = safeUrl(settings.baseUrl, 'target.baseUrl', settings.allowPlain).origin;
  const login = safeUrl(settings.tokenUrl, 'target.tokenUrl', settings.allowPlain).origin;
  const pools = new Map([api, login].map((origin) => [origin, openPool(origin, settings, connectTimeoutMs)]));
  return {
    api: pools.get(api)!,
    login: pools.get(login)!,
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

/** Certificates are verified even where NODE_TLS_REJECT_UNAUTHORIZED says otherwise; a configured CA adds to the public ones. */
function openPool(origin: string, settings: TargetSettings, connectTimeoutMs: number): Pool {
  return new Pool(origin, {
    connections: connectionLimit(settings.requestsPerMinute),
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: {
      timeout: connectTimeoutMs,
      rejectUnauthorized: true,
      ...(settings.ca === null ? {} : { ca: [...rootCertificates, settings.ca] }),
    },
  });
}

/** As many as there are slots for Genesys activities: enough for the whole allowance at 1.5 s a request. */
function connectionLimit(requestsPerMinute: number): number {
  return Math.min(Math.max(Math.ceil((requestsPerMinute / 60) * 1.5), 4), 100);
}

function safeUrl(text: string, name: string, allowPlain: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ConfigError(`${name} is no https address: write it like https://api.mypurecloud.ie.`);
  }
  if (url.protocol === 'http:' && !allowPlain && !isLoopback(url.hostname)) {
    throw new ConfigError(
      `${name} is plain http to another host, which would show the client secret and all users to the network: use https, or allow it in as many words.`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
