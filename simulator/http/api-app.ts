import { Hono } from 'hono';
import { RESOURCE_TYPES, SCHEMAS, SERVICE_PROVIDER_CONFIG } from '../discovery.ts';
import type { Organisation } from '../organisation.ts';
import { notFound, platformRefusal } from '../refusal.ts';
import { answer, answerError, openExchange, type ExchangeContext, type ExchangeEnv } from './exchange.ts';
import { meetFaults, meetOutage } from './fault-acts.ts';
import { serveGroups } from './group-routes.ts';
import { admit } from './guards.ts';
import { serveUsers } from './user-routes.ts';

/** Both roots serve the same; the first is an alias for "the default version". */
const ROOTS = ['/api/v2/scim', '/api/v2/scim/v2'];

/** The API host: SCIM below both roots, and 404 for everything else, such as `/Bulk`, `/Me` and `/.search`. */
export function apiApp(organisation: Organisation): Hono<ExchangeEnv> {
  const app = new Hono<ExchangeEnv>();
  app.use(openExchange(organisation, 'api'), meetOutage(organisation), admit(organisation), meetFaults(organisation));
  for (const root of ROOTS) {
    serveUsers(app, root, organisation);
    serveGroups(app, root, organisation);
    serveDiscovery(app, root);
  }
  app.notFound((c) => answerError(organisation, notFound('The requested resource was not found.'), c));
  app.onError((error, c) => answerError(organisation, error, c));
  return app;
}

function serveDiscovery(app: Hono<ExchangeEnv>, root: string): void {
  const schemas = `${root}/:schemas{[sS]chemas}`;
  const types = `${root}/:types{[rR]esource[tT]ypes}`;
  app.get(schemas, (c) => {
    if (c.req.query('filter') !== undefined) {
      throw platformRefusal(403, 'not.authorized', 'Filters are not permitted on schemas.');
    }
    return answerList(c, SCHEMAS);
  });
  app.get(`${schemas}/:id`, (c) => answerOne(c, SCHEMAS));
  app.get(types, (c) => answerList(c, RESOURCE_TYPES));
  app.get(`${types}/:id`, (c) => answerOne(c, RESOURCE_TYPES));
  app.get(`${root}/:config{[sS]ervice[pP]rovider[cC]onfig}`, (c) => answer(c, 200, SERVICE_PROVIDER_CONFIG));
}

function answerList(c: ExchangeContext, resources: readonly unknown[]): Response {
  return answer(c, 200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: resources.length,
    startIndex: 1,
    itemsPerPage: resources.length,
    Resources: resources,
  });
}

function answerOne(c: ExchangeContext, resources: readonly Record<string, unknown>[]): Response {
  const wanted = (c.req.param('id') ?? '').toLowerCase();
  const found = resources.find((resource) => String(resource['id']).toLowerCase() === wanted);
  if (found === undefined) throw notFound('The requested resource was not found.');
  return answer(c, 200, found);
}
