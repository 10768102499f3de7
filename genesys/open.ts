import { PROFILES } from '../model/profile.ts';
import type { TargetSettings } from '../model/settings.ts';
import type { ScimUser } from '../model/user.ts';
import { Api } from './api.ts';
import type { Call } from './call.ts';
import { openConnections } from './connections.ts';
import { waitOutThrottling, wholeListing } from './listing.ts';
import { FULL_PAGE, byAuthority, byExternalId, byUserName, lookUp } from './lookup.ts';
import type { LookUpOptions } from './lookup.ts';
import type { Pace } from './pace.ts';
import { TokenKeeper } from './token.ts';
import { UsersResource } from './users.ts';
import type { Answer } from './users.ts';
import type { RequestWatch } from './watch.ts';

export type { Call } from './call.ts';
export type { LookUpOptions } from './lookup.ts';
export type { Answer } from './users.ts';
export type { RequestEnd, RequestWatch, WatchedRequest } from './watch.ts';

/**
 * The SCIM users of one Genesys Cloud organisation, or of another SCIM 2.0 service. Every method rejects with a `GenesysError`, or with the pace's
 * `LaterError` (then nothing was sent), or with the reason of `call.signal`. Reads repeat what passes (429, 5xx, timeouts,
 * lost connections) for 20 s in all; a write is sent once, and again only after a 401, which is a definite refusal. An
 * error of a write with `unknownOutcome` means: look before you write again.
 */
export interface Genesys {
  /** Fetches a token where there is no valid one; rejects with `genesys.credentials` for a refused client. */
  authenticate(call: Call): Promise<void>;
  /** Waits for the pace ahead of the next request of this call; rejects with `LaterError` when that takes too long. */
  admit(call: Call): Promise<void>;
  /** POST. A status 200 instead of 201 may stand for a deleted user who was revived with his old id. */
  create(body: unknown, call: Call): Promise<Answer>;
  /** PATCH; adds the PatchOp schema where the body has no `schemas`. `version` is sent as `If-Match`. */
  patch(id: string, body: unknown, call: Call, options?: { version?: string }): Promise<Answer>;
  /** Null: the service itself says that there is no such user (not merely a 404 from somewhere). */
  get(id: string, call: Call): Promise<{ user: ScimUser; correlationId: string | null } | null>;
  /** Active and inactive users with this login, ignoring case. On a miss this reads the whole inactive listing. */
  findByUserName(userName: string, call: Call, options?: LookUpOptions): Promise<ScimUser[]>;
  /** Active and inactive users with this SCIM `externalId`. On a miss this reads the whole inactive listing. */
  findByExternalId(externalId: string, call: Call, options?: LookUpOptions): Promise<ScimUser[]>;
  /** Active and inactive users with this pair in `externalIds`. On a miss this reads the whole inactive listing. */
  findByAuthority(authority: string, value: string, call: Call, options?: LookUpOptions): Promise<ScimUser[]>;
  /** Every user, active or not, with all attributes, in pages of at most 25. */
  list(call: Call): AsyncGenerator<ScimUser[]>;
  /** Ends the token's renewal and lets requests on the wire finish. */
  close(): Promise<void>;
}

export interface GenesysOptions {
  /** For one HTTP request, in ms; must stay below the activities' heartbeat timeout of 15 s. Default 10,000. */
  requestTimeoutMs?: number;
  /** For one read, or one token, with its repetitions, in ms. Default 20,000. */
  retryBudgetMs?: number;
  /** Pause before three refused tokens in a row fail as bad credentials, in ms. Default 5,000. */
  refusedPauseMs?: number;
  /** Sees every request go and end. Default: nobody does. */
  watch?: RequestWatch;
}

/** Opens the client; contacts nothing yet. Throws a `ConfigError` for plain http to another host than loopback. */
export function openGenesys(settings: TargetSettings, pace: Pace, options: GenesysOptions = {}): Genesys {
  const { requestTimeoutMs = 10_000, retryBudgetMs = 20_000, refusedPauseMs = 5_000, watch } = options;
  const connections = openConnections(settings, requestTimeoutMs);
  const tokens = new TokenKeeper(settings, connections.login, {
    timeoutMs: requestTimeoutMs,
    budgetMs: retryBudgetMs,
    watch,
  });
  const { host, pathname } = new URL(settings.baseUrl);
  const times = { requestTimeoutMs, retryBudgetMs, refusedPauseMs };
  const api = new Api({ host, profile: settings.profile }, connections.api, tokens, pace, times, watch);
  const users = new UsersResource(api, pathname.replace(/\/+$/, ''), PROFILES[settings.profile]);
  let closing: Promise<void> | null = null;
  return {
    authenticate: async (call) => void (await tokens.take(call)),
    admit: (call) => api.admit(call),
    create: (body, call) => users.create(body, call),
    patch: (id, body, call, { version } = {}) => users.patch(id, body, call, version),
    get: (id, call) => users.get(id, call),
    findByUserName: (userName, call, how) => lookUp(users, byUserName(userName), call, how),
    findByExternalId: (externalId, call, how) => lookUp(users, byExternalId(externalId), call, how),
    findByAuthority: (authority, value, call, how) => lookUp(users, byAuthority(authority, value), call, how),
    list: (call) => listUsers(users, call),
    close: () => {
      tokens.close();
      closing ??= connections.close();
      return closing;
    },
  };
}

async function* listUsers(users: UsersResource, call: Call): AsyncGenerator<ScimUser[]> {
  const { listings, listedAttributes: attributes } = users.profile;
  for (const filter of listings) {
    yield* wholeListing((startIndex) => {
      const query = { filter, startIndex, count: FULL_PAGE, attributes };
      return waitOutThrottling(() => users.page(query, call), call.signal);
    });
  }
}
