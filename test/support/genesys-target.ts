import type { RequestCounts } from '../../model/run.ts';
import type { TargetSettings } from '../../model/settings.ts';
import { sendJson, startHttpServer } from './http-server.ts';
import type { HttpServer, ReceivedRequest, Reply } from './http-server.ts';

/** A service whose answers a test scripts one by one; for what a simulator would never do. */
export interface ScriptedGenesys {
  settings: TargetSettings;
  login: HttpServer;
  api: HttpServer;
  /** Requests that reached the API, as `GET /path`. */
  calls(): string[];
  close(): Promise<void>;
}

export interface Script {
  /** Default: a token that lives a day, `token-1`, `token-2`, ... */
  token?: Reply;
  api: Reply;
}

/** Starts a login host and an API host on ports of their own. */
export async function startScriptedGenesys(script: Script): Promise<ScriptedGenesys> {
  let issued = 0;
  const issue: Reply = (_request, response) => {
    issued += 1;
    sendJson(response, 200, { access_token: `token-${issued}`, token_type: 'bearer', expires_in: 86_399 });
  };
  const login = await startHttpServer(script.token ?? issue);
  const api = await startHttpServer(script.api);
  return {
    settings: targetSettings(api.origin, `${login.origin}/oauth/token`),
    login,
    api,
    calls: () => api.received.map((request) => `${request.method} ${request.path}`),
    close: async () => {
      await Promise.all([login.close(), api.close()]);
    },
  };
}

export function targetSettings(baseUrl: string, tokenUrl: string): TargetSettings {
  return {
    baseUrl,
    tokenUrl,
    profile: 'genesys',
    ca: null,
    clientId: { read: () => 'client-id' },
    clientSecret: { read: () => 'client-secret' },
    auth: { style: 'basic', scope: null },
    requestsPerMinute: 300,
    indexLagMs: 180_000,
    protect: { userNames: [], roles: [] },
    grantableRoles: [],
    drift: 'report',
    allowPlain: false,
  };
}

export function noRequests(): RequestCounts {
  return { token: 0, read: 0, write: 0, throttled: 0 };
}

/** Answers each request by the next reply; those after the last get the last. */
export function inTurn(...replies: Reply[]): Reply {
  let next = 0;
  return (request: ReceivedRequest, response) => {
    const reply = replies[Math.min(next, replies.length - 1)];
    next += 1;
    reply?.(request, response);
  };
}
