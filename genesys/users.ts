import { GenesysError } from '../model/errors.ts';
import { ENTERPRISE_USER, GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import type { Api, ApiRequest } from './api.ts';
import type { Call } from './call.ts';
import { correlationIdOf, isObject } from './error-body.ts';
import type { Answered } from './exchange.ts';
import { failureOf, unreadable } from './failures.ts';
import { valuesIn } from './masking.ts';
import { parsePage, parseUser } from './scim-user.ts';
import type { UserPage } from './scim-user.ts';

/** A user as the service answered a write. */
export interface Answer {
  user: ScimUser;
  status: number;
  correlationId: string | null;
}

/** Where a listing is cut, and what it returns of each user. */
export interface PageQuery {
  /** Complete SCIM filter; null = active users. */
  filter: string | null;
  startIndex: number;
  count: number;
  attributes: readonly string[];
}

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A listing returns groups, skills and external ids only when they are asked for. */
export const ALL_ATTRIBUTES: readonly string[] = [
  'displayName',
  'title',
  'externalId',
  'phoneNumbers',
  'emails',
  'groups',
  'roles',
  'meta',
  ENTERPRISE_USER,
  GENESYS_USER,
];

/** The users resource: its paths, requests and answers. */
export class UsersResource {
  readonly #api: Api;
  readonly #root: string;

  /** `root`: the path of the API's origin before `/api`, mostly empty. */
  constructor(api: Api, root: string) {
    this.#api = api;
    this.#root = `${root}/api/v2/scim/v2/users`;
  }

  async create(body: unknown, call: Call): Promise<Answer> {
    const request: ApiRequest = {
      method: 'POST',
      path: this.#root,
      body: JSON.stringify(body),
      values: valuesIn(body),
    };
    return this.#answer(await this.#api.write(request, call), request, null);
  }

  async patch(id: string, body: unknown, call: Call, version: string | undefined): Promise<Answer> {
    const message = isObject(body) ? { schemas: [PATCH_OP], ...body } : body;
    const request: ApiRequest = {
      method: 'PATCH',
      path: this.#pathOf(id),
      body: JSON.stringify(message),
      values: valuesIn(body),
      ...(version === undefined ? {} : { ifMatch: entityTag(version) }),
    };
    return this.#answer(await this.#api.write(request, call), request, id);
  }

  async get(id: string, call: Call): Promise<Answer | null> {
    const request: ApiRequest = { method: 'GET', path: this.#pathOf(id), values: [] };
    const answer = await this.#api.read(request, call, 404);
    if (answer.status === 200) return this.#answer(answer, request, id);
    const failure = failureOf(answer, this.#api.asked(request));
    if (failure.code === 'genesys.not-found') return null;
    throw failure;
  }

  async page(query: PageQuery, call: Call, values: readonly string[] = []): Promise<UserPage> {
    const pairs = [
      ...(query.filter === null ? [] : [['filter', query.filter]]),
      ['startIndex', String(query.startIndex)],
      ['count', String(query.count)],
      ...query.attributes.map((attribute) => ['attributes', attribute]),
    ];
    const parameters = pairs.map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`).join('&');
    const request: ApiRequest = { method: 'GET', path: `${this.#root}?${parameters}`, values };
    const answer = await this.#api.read(request, call);
    const page = parsePage(answer.body);
    if (page === null) throw unreadable(answer, this.#api.asked(request), 'a list of SCIM users');
    return page;
  }

  #answer(answer: Answered, request: ApiRequest, id: string | null): Answer {
    const user = parseUser(answer.body);
    if (user === null) throw unreadable(answer, this.#api.asked(request), 'a SCIM user');
    if (id !== null && user.id.toLowerCase() !== id.toLowerCase()) {
      throw unreadable(answer, this.#api.asked(request), 'the user who was asked for');
    }
    return { user, status: answer.status, correlationId: correlationIdOf(answer) };
  }

  /** An empty id or one with a slash would name the collection, or something else. */
  #pathOf(id: string): string {
    if (!/^[\w-]{1,100}$/.test(id)) {
      throw new GenesysError('genesys.invalid', 'This is no Genesys user id: give the UUID that Genesys Cloud shows.');
    }
    return `${this.#root}/${id}`;
  }
}

/** `If-Match` takes the version in double quotes. */
function entityTag(version: string): string {
  return /^(W\/)?"[^"]*"$/.test(version) ? version : `"${version.replaceAll(/[^\x21-\x7e]|"/g, '')}"`;
}
