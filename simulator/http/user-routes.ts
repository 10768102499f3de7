import type { Hono } from 'hono';
import type { Organisation } from '../organisation.ts';
import { notFound, platformRefusal, throttled } from '../refusal.ts';
import { parseUserFilter, type UserFilter } from '../users/filter.ts';
import { needsSecondaryLookups, readProjection, type Projection } from '../users/projection.ts';
import { userLocation, userResource } from '../users/resource.ts';
import type { SimUser } from '../users/sim-user.ts';
import { answer, type ExchangeContext, type ExchangeEnv } from './exchange.ts';
import { etag, jsonBody, methodNotAllowed, names, refuseStale, wholeNumber } from './guards.ts';

/** Pages over this size may cost too much, says the API description. */
const LARGE_PAGE = 25;

/** The user calls below one root, in lower case and the way identity providers spell them. */
export function serveUsers(app: Hono<ExchangeEnv>, root: string, organisation: Organisation): void {
  const list = `${root}/:users{[uU]sers}`;
  const one = `${list}/:id`;
  app.get(list, (c) => listUsers(organisation, c));
  app.post(list, (c) => createUser(organisation, c));
  app.get(one, (c) => readUser(organisation, c, userOf(organisation, c)));
  app.put(one, (c) => {
    const user = userToWrite(organisation, c);
    return answerUser(organisation, c, 200, organisation.writes.replace(user, jsonBody(c)));
  });
  app.patch(one, (c) => {
    const user = userToWrite(organisation, c);
    return answerUser(organisation, c, 200, organisation.writes.patch(user, jsonBody(c)));
  });
  app.delete(one, (c) => {
    organisation.writes.remove(userToWrite(organisation, c));
    return c.body(null, 204);
  });
  for (const path of [list, one]) {
    app.all(path, () => {
      throw methodNotAllowed();
    });
  }
}

function listUsers(organisation: Organisation, c: ExchangeContext): Response {
  const projection = projectionOf(c, 'list');
  const window = windowOf(organisation, c, projection);
  const text = c.req.query('filter');
  const filter = text === undefined ? null : parseUserFilter(text);
  refuseBeyondCap(organisation, filter, window);
  const page = organisation.users.page(filter, window);
  return answer(c, 200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: page.total,
    startIndex: window.start + 1,
    itemsPerPage: page.users.length,
    Resources: page.users.map((user) => resource(organisation, user, projection)),
  });
}

function windowOf(
  organisation: Organisation,
  c: ExchangeContext,
  projection: Projection,
): { start: number; count: number } {
  const { defaultCount, maxCount, throttleLargePages, rateWindowSeconds } = organisation.options;
  const start = Math.max(1, wholeNumber(c, 'startIndex', 1)) - 1;
  const asked = Math.max(0, wholeNumber(c, 'count', defaultCount));
  if (throttleLargePages && asked > LARGE_PAGE && needsSecondaryLookups(projection)) throw throttled(rateWindowSeconds);
  return { start, count: Math.min(asked, maxCount) };
}

function refuseBeyondCap(
  organisation: Organisation,
  filter: UserFilter | null,
  window: { start: number; count: number },
): void {
  const cap = organisation.options.inactiveListCap;
  if (cap === null || filter?.by !== 'active' || filter.active || window.start + window.count <= cap) return;
  throw platformRefusal(400, 'bad.request', `The list of inactive users ends at position ${cap}.`);
}

function createUser(organisation: Organisation, c: ExchangeContext): Response {
  const { status, user } = organisation.writes.create(jsonBody(c));
  c.header('Location', userLocation(user.id));
  return answerUser(organisation, c, status, user);
}

function readUser(organisation: Organisation, c: ExchangeContext, user: SimUser): Response {
  const known = c.req.header('if-none-match');
  if (known === undefined || !names(known, user.version)) return answerUser(organisation, c, 200, user);
  c.header('ETag', etag(user.version));
  return c.body(null, 304);
}

function answerUser(organisation: Organisation, c: ExchangeContext, status: number, user: SimUser): Response {
  c.header('ETag', etag(user.version));
  return answer(c, status, resource(organisation, user, projectionOf(c, 'single')));
}

function userToWrite(organisation: Organisation, c: ExchangeContext): SimUser {
  const user = userOf(organisation, c);
  refuseStale(organisation, c, user.version);
  return user;
}

function userOf(organisation: Organisation, c: ExchangeContext): SimUser {
  const user = organisation.users.living(c.req.param('id') ?? '');
  if (user === undefined) throw notFound();
  return user;
}

function projectionOf(c: ExchangeContext, kind: 'list' | 'single'): Projection {
  return readProjection(kind, c.req.queries('attributes'), c.req.queries('excludedAttributes'));
}

function resource(organisation: Organisation, user: SimUser, projection: Projection): Record<string, unknown> {
  return userResource(user, projection, organisation.options.clientId, () => organisation.groups.of(user.id));
}
