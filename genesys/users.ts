import { GenesysError } from '../model/errors.ts';
import type { Profile } from '../model/profile.ts';
import type { ScimUser } from '../model/user.ts';
import type { Api, ApiRequest } from './api.ts';
import type { Call } from './call.ts';
import { correlationIdOf, isObject, parseObject } from './error-body.ts';
import type { Answered } from './exchange.ts';
import { failureOf, unreadable } from './failures.ts';
import { valuesIn } from './masking.ts';
import { headerOf } from './rate-limit.ts';
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
  /** Null: whatever the service returns by itself. */
  attributes: readonly string[] | null;
}

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** The users resource: its paths, requests and answers. */
export class UsersResource {
  readonly profile: Profile;
  readonly #api: Api;
  readonly #root: string;

  /** `root`: the path of `target.baseUrl`, without trailing slash. */
  constructor(api: Api, root: string, profile: Profile) {
    this.profile = profile;
    this.#api = api;
    this.#root = `${root}${profile.usersPath}`;
  }

  async create(body: unknown, call: Call): Promise<Answer> {
    const request: ApiRequest = {
      method: 'POST',
      path: this.#root,
      body: JSON.stringify(body),
      values: valuesIn(body),
    };
    const answer = await this.#api.write(request, call);
    const id = createdId(answer, this.profile);
    return id === null ? this.#answer(answer, request, null) : this.#readBack(id, answer, request, call);
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
    const answer = await this.#api.write(request, call);
    return answer.status === 204 ? this.#readBack(id, answer, request, call) : this.#answer(answer, request, id);
  }

  /**
   * The user after a write whose answer does not show him, as RFC 7644 allows (3.3, 3.5.2). When he cannot be read, the
   * write counts as one of unknown outcome.
   */
  async #readBack(id: string, written: Answered, request: ApiRequest, call: Call): Promise<Answer> {
    const unknown = unreadable(written, this.#api.asked(request), 'a SCIM user');
    try {
      const found = await this.get(id, call);
      if (found !== null) return { ...found, status: written.status };
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error;
      unknown.cause = error;
    }
    throw unknown;
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
      ...(query.attributes ?? []).map((attribute) => ['attributes', attribute]),
    ];
    const parameters = pairs.map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`).join('&');
    const request: ApiRequest = { method: 'GET', path: `${this.#root}?${parameters}`, values };
    const answer = await this.#api.read(request, call);
    const page = parsePage(answer.body, this.profile);
    if (page === null) throw unreadable(answer, this.#api.asked(request), 'a list of SCIM users');
    return page;
  }

  #answer(answer: Answered, request: ApiRequest, id: string | null): Answer {
    const user = parseUser(answer.body, this.profile);
    if (user === null) throw unreadable(answer, this.#api.asked(request), 'a SCIM user');
    if (id !== null && user.id.toLowerCase() !== id.toLowerCase()) {
      throw unreadable(answer, this.#api.asked(request), 'the user who was asked for');
    }
    return { user, status: answer.status, correlationId: correlationIdOf(answer) };
  }

  /** An empty id or one with a slash would name the collection, or something else. */
  #pathOf(id: string): string {
    if (!this.profile.ids.test(id)) {
      throw new GenesysError('genesys.invalid', 'This is no Genesys user id: give the UUID that Genesys Cloud shows.');
    }
    return `${this.#root}/${encodeURIComponent(id)}`;
  }
}

/** The id of a new user whom the answer names without showing him: by `id`, else by `Location`; null when it shows him. */
function createdId(answer: Answered, profile: Profile): string | null {
  if (answer.status !== 201 || parseUser(answer.body, profile) !== null) return null;
  const id = parseObject(answer.body)?.['id'];
  if (typeof id === 'string') return id;
  const last = headerOf(answer.headers, 'location')?.split('/').at(-1);
  return last === undefined || last === '' ? null : decodeURIComponent(last);
}

/** `If-Match` takes the version in double quotes. */
function entityTag(version: string): string {
  return /^(W\/)?"[^"]*"$/.test(version) ? version : `"${version.replaceAll(/[^\x21-\x7e]|"/g, '')}"`;
}
