import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { sendJson, startHttpServer, type ReceivedRequest } from './http-server.ts';
import { applyOperation, type Operation } from './scim-patch.ts';

type Json = Record<string, unknown>;

/** What a service knows and how it answers, where RFC 7643 and 7644 leave it the choice. */
export interface ScimServiceOptions {
  /** Attributes that a POST may carry, by schema; everything else is refused. */
  schemas: Record<string, readonly string[]>;
  /** Paths that a PATCH may name, literally. */
  patchPaths: readonly string[];
  /** Whether answers to writes show the user: a POST else names his id alone, a PATCH answers 204. */
  showsWritten: boolean;
  /** Whether users have `meta.version`. */
  versions: boolean;
  /** What the token request has to ask for; null = it may name no scope. */
  scope: string | null;
}

/** A SCIM 2.0 service of no particular make, strict about everything it was not told to know. */
export interface ScimService {
  /** The SCIM root. */
  baseUrl: string;
  /** On a host of its own; takes credentials in the body alone. */
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  users: Map<string, Json>;
  /** Every write in order, refused ones too. */
  writes: { method: string; id: string | null; body: Json; status: number }[];
  /** `status path` of every request that was refused. */
  refusals: string[];
  user(userName: string): Json & { id: string };
  close(): Promise<void>;
}

const CLIENT = { clientId: 'guide-client', clientSecret: 'guide-secret' };
const TOKEN = 'guide-token';
const ROOT = '/scim/v2';
const USERS = `${ROOT}/Users`;
const SCIM_JSON = 'application/scim+json';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A refusal on its way to the answer. */
class Refusal extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/** Starts API and token host on ephemeral ports of loopback. */
export async function startScimService(options: ScimServiceOptions): Promise<ScimService> {
  const users = new Map<string, Json>();
  const writes: ScimService['writes'] = [];
  const refusals: string[] = [];
  const api = await startHttpServer((request, response) => {
    const body = bodyOf(request);
    try {
      checkHeaders(request);
      const id = idOf(request);
      const status = answer(request, body, id, { users, options }, response);
      if (body !== null) writes.push({ method: request.method, id, body, status });
    } catch (error) {
      const { status, message, scimType } = error instanceof Refusal ? error : new Refusal(500, String(error));
      refusals.push(`${status} ${request.method} ${request.url}: ${message}`);
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
      sendJson(response, status, { schemas, status: String(status), scimType, detail: message });
    }
  });
  const login = await startHttpServer((request, response) => grant(request, response, options.scope));
  return {
    baseUrl: `${api.origin}${ROOT}`,
    tokenUrl: `${login.origin}/connect/token`,
    ...CLIENT,
    users,
    writes,
    refusals,
    user: (userName) => {
      const found = [...users.values()].find((user) => user['userName'] === userName);
      if (found === undefined) throw new Error(`the service has no user ${userName}`);
      return found as Json & { id: string };
    },
    close: async () => {
      await Promise.all([api.close(), login.close()]);
    },
  };
}

/** RFC 6749, 2.3.1: the client in the form. */
function grant(request: ReceivedRequest, response: ServerResponse, scope: string | null): void {
  const form = new URLSearchParams(request.body);
  const asked = {
    grant_type: 'client_credentials',
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
    ...(scope === null ? {} : { scope }),
  };
  const right = request.path === '/connect/token' && request.headers.authorization === undefined;
  const same = isDeepStrictEqual(Object.fromEntries(form), asked);
  if (right && same) sendJson(response, 200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 900 });
  else sendJson(response, 401, { error: 'invalid_client' });
}

function checkHeaders({ method, headers }: ReceivedRequest): void {
  if (headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(401, 'no token');
  if (headers.accept !== SCIM_JSON) throw new Refusal(406, 'Accept');
  if (method !== 'GET' && headers['content-type'] !== SCIM_JSON) throw new Refusal(415, 'Content-Type');
}

function bodyOf({ method, body }: ReceivedRequest): Json | null {
  return method === 'GET' ? null : (JSON.parse(body) as Json);
}

/** Null for the collection. Paths are case-sensitive. */
function idOf({ path }: ReceivedRequest): string | null {
  const match = /^\/scim\/v2\/Users(?:\/([^/]+))?$/.exec(path);
  if (match === null) throw new Refusal(404, 'no such resource');
  return match[1] === undefined ? null : decodeURIComponent(match[1]);
}

interface Store {
  users: Map<string, Json>;
  options: ScimServiceOptions;
}

function answer(
  request: ReceivedRequest,
  body: Json | null,
  id: string | null,
  store: Store,
  response: ServerResponse,
): number {
  const send = (status: number, json: unknown): number => {
    if (json === null) response.writeHead(status).end();
    else sendJson(response, status, json, { 'content-type': SCIM_JSON });
    return status;
  };
  if (request.method === 'GET' && id === null) return send(200, page(request.query, [...store.users.values()]));
  if (request.method === 'POST' && id === null) return send(201, create(body ?? {}, store));
  const user = id === null ? undefined : store.users.get(id);
  if (user === undefined) throw new Refusal(404, 'no such user');
  if (request.method === 'GET') return send(200, user);
  if (request.method !== 'PATCH') throw new Refusal(501, 'not implemented');
  patch(user, body ?? {}, request.headers['if-match'], store.options);
  return store.options.showsWritten ? send(200, user) : send(204, null);
}

function page(query: URLSearchParams, everybody: Json[]): Json {
  const unknown = [...query.keys()].find((name) => !['filter', 'startIndex', 'count'].includes(name));
  if (unknown !== undefined) throw new Refusal(400, `unknown parameter ${unknown}`, 'invalidValue');
  const found = everybody.filter(matching(query.get('filter')));
  const from = Number(query.get('startIndex') ?? 1);
  const resources = found.slice(from - 1, from - 1 + Math.min(Number(query.get('count') ?? 2), 2));
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
  return {
    schemas,
    totalResults: found.length,
    startIndex: from,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

function matching(filter: string | null): (user: Json) => boolean {
  if (filter === null) return () => true;
  const match = /^(userName|externalId) eq ("(?:[^"\\]|\\.)*")$/.exec(filter);
  if (match === null) throw new Refusal(400, 'this filter is not supported', 'invalidFilter');
  const wanted = JSON.parse(match[2] ?? '""') as string;
  return (user) => user[match[1] ?? ''] === wanted;
}

function create(body: Json, { users, options }: Store): Json {
  checkSchemas(body, options);
  const taken = [...users.values()].some(
    (user) => user['userName'] === body['userName'] || (user['externalId'] ?? {}) === body['externalId'],
  );
  if (taken) throw new Refusal(409, 'taken', 'uniqueness');
  // An id that has to be encoded in a path.
  const id = `user ${users.size + 1}/a`;
  const user = { ...structuredClone(body), id, meta: meta(id, 1, options) };
  users.set(id, user);
  return options.showsWritten ? user : { schemas: [CORE], id };
}

function meta(id: string, version: number, { versions }: ScimServiceOptions): Json {
  const location = `${USERS}/${encodeURIComponent(id)}`;
  return { resourceType: 'User', location, ...(versions ? { version: `W/"${version}"` } : {}) };
}

/** A resource names the schemas that it carries, no more and no fewer. */
function checkSchemas(body: Json, { schemas }: ScimServiceOptions): void {
  const carried = Object.keys(schemas).filter((urn) => urn === CORE || urn in body);
  if (JSON.stringify(carried.sort()) !== JSON.stringify([...(body['schemas'] as string[])].sort())) {
    throw new Refusal(400, 'schemas does not name what the resource carries', 'invalidValue');
  }
  for (const urn of carried) {
    const holder = urn === CORE ? body : (body[urn] as Json);
    const known = [...(schemas[urn] ?? []), ...(urn === CORE ? ['schemas', ...carried] : [])];
    const stranger = Object.keys(holder).find((name) => !known.includes(name));
    if (stranger !== undefined) throw new Refusal(400, `${stranger} is not in the schema`, 'invalidValue');
  }
}

function patch(user: Json, body: Json, ifMatch: string | undefined, options: ScimServiceOptions): void {
  const { version } = user['meta'] as { version?: string };
  if (ifMatch !== undefined && ifMatch !== version) throw new Refusal(412, 'stale');
  if (JSON.stringify(body['schemas']) !== JSON.stringify([PATCH_OP]))
    throw new Refusal(400, 'no PatchOp', 'invalidSyntax');
  const operations = body['Operations'] as Operation[];
  const stranger = operations.find(({ path }) => !options.patchPaths.includes(path));
  if (stranger !== undefined) throw new Refusal(400, `unknown path ${stranger.path}`, 'invalidPath');
  for (const operation of operations) applyOperation(user, operation);
  user['meta'] = meta(String(user['id']), Number(/\d+/.exec(version ?? '0')?.[0]) + 1, options);
}
