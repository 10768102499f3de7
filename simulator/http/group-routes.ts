import type { Hono } from 'hono';
import { groupResource, type SimGroup } from '../groups.ts';
import type { Organisation } from '../organisation.ts';
import { notFound } from '../refusal.ts';
import { missingPermissions } from '../users/user-writes.ts';
import { answer, type ExchangeContext, type ExchangeEnv } from './exchange.ts';
import { etag, jsonBody, methodNotAllowed, names, refuseStale, wholeNumber } from './guards.ts';

/** The group calls below one root. Every one of them, reads too, needs `directory:group:edit`; none makes or deletes a group. */
export function serveGroups(app: Hono<ExchangeEnv>, root: string, organisation: Organisation): void {
  const list = `${root}/:groups{[gG]roups}`;
  const one = `${list}/:id`;
  app.get(list, (c) => listGroups(organisation, c));
  app.get(one, (c) => readGroup(organisation, c));
  app.put(one, (c) => writeGroup(organisation, c, (group) => organisation.groups.replace(group, jsonBody(c))));
  app.patch(one, (c) => writeGroup(organisation, c, (group) => organisation.groups.patch(group, jsonBody(c))));
  for (const path of [list, one]) {
    app.all(path, () => {
      throw methodNotAllowed();
    });
  }
}

function listGroups(organisation: Organisation, c: ExchangeContext): Response {
  refuseUnpermitted(organisation);
  const start = Math.max(1, wholeNumber(c, 'startIndex', 1)) - 1;
  const { defaultCount, maxCount } = organisation.options;
  const count = Math.min(Math.max(0, wholeNumber(c, 'count', defaultCount)), maxCount);
  const found = organisation.groups.find(c.req.query('filter'));
  const page = found.slice(start, start + count);
  return answer(c, 200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: found.length,
    startIndex: start + 1,
    itemsPerPage: page.length,
    Resources: page.map(groupResource),
  });
}

function readGroup(organisation: Organisation, c: ExchangeContext): Response {
  const group = groupOf(organisation, c);
  const known = c.req.header('if-none-match');
  if (known === undefined || !names(known, group.version)) return answerGroup(c, group);
  c.header('ETag', etag(group.version));
  return c.body(null, 304);
}

function writeGroup(organisation: Organisation, c: ExchangeContext, write: (group: SimGroup) => SimGroup): Response {
  const group = groupOf(organisation, c);
  refuseStale(organisation, c, group.version);
  return answerGroup(c, write(group));
}

function answerGroup(c: ExchangeContext, group: SimGroup): Response {
  c.header('ETag', etag(group.version));
  return answer(c, 200, groupResource(group));
}

function groupOf(organisation: Organisation, c: ExchangeContext): SimGroup {
  refuseUnpermitted(organisation);
  const group = organisation.groups.byId(c.req.param('id') ?? '');
  if (group === undefined) throw notFound('Group could not be found.');
  return group;
}

function refuseUnpermitted(organisation: Organisation): void {
  const needed = 'directory:group:edit';
  if (!organisation.options.permissions.includes(needed)) throw missingPermissions([needed]);
}
