import { Hono, type Context } from 'hono';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import { readEdit, readSeeds } from '../users/administration.ts';
import { readClockStep, readOutage, readRule } from './admin-bodies.ts';
import { isObject } from '../users/list-items.ts';

/**
 * Steering for other processes, on the login host below `/_simulator`. It needs no token, meets no fault and is not
 * logged. Bodies and answers are JSON; a bad request is 400 `{"error": sentence}`.
 *
 * | call | does |
 * | --- | --- |
 * | `GET users` | every user, inactive and deleted ones too (`SimUser[]`); `?state=` picks one state |
 * | `GET users/ID` | one user |
 * | `POST users/ID` | an administrator's edit: a part of a `SimUser`, such as `{"title": "Boss"}` or `{"state": "inactive"}` |
 * | `DELETE users/ID` | an administrator deletes the user |
 * | `POST seed` | `SeedUser[]`: users that were there before; answers with them complete |
 * | `GET log` | the requests (`RequestLogEntry[]`); `?since=N` leaves out the first N |
 * | `GET counts` | totals of requests, and of users by state |
 * | `GET faults` | rules that are still to act, requests that hang, the outage |
 * | `POST faults` | a `FaultRule`; answers `{"id": N}` |
 * | `DELETE faults`, `DELETE faults/N` | takes all rules away, or one |
 * | `POST faults/release` | lets hanging requests go on; answers `{"released": N}` |
 * | `POST outage` | `{"outage": "refused" \| "reset" \| "unavailable" \| null}` |
 * | `POST revoke-tokens` | makes every token worthless |
 * | `GET options`, `POST options` | the options; a part of them changes at once |
 * | `POST clock` | `{"advanceMs": N}`: time moves forward for token life, rate window and index lag |
 * | `POST reset` | back to how it began |
 */
export function adminApp(organisation: Organisation): Hono {
  const app = new Hono();
  serveUserSteering(app, organisation);
  serveFaultSteering(app, organisation);
  app.get('/log', (c) => c.json(organisation.log.entries.slice(Number(c.req.query('since') ?? 0))));
  app.get('/counts', (c) => c.json({ ...organisation.log.counts, users: organisation.users.numbers() }));
  app.get('/options', (c) => c.json({ ...organisation.options, clientSecret: undefined }));
  app.post('/options', async (c) => {
    const changes: unknown = await c.req.json();
    if (!isObject(changes)) throw new Error('Give the options to change as a JSON object.');
    organisation.set(changes);
    return c.json({});
  });
  app.post('/clock', async (c) => {
    organisation.clock.advance(readClockStep(await c.req.json()));
    return c.json({ now: organisation.clock.iso() });
  });
  app.post('/reset', async (c) => {
    await organisation.reset();
    return c.json({});
  });
  app.notFound((c) => c.json({ error: 'The simulator has no such steering call.' }, 404));
  app.onError((error, c) => answerSteeringError(error, c));
  return app;
}

function serveUserSteering(app: Hono, organisation: Organisation): void {
  app.get('/users', (c) => {
    const state = c.req.query('state');
    return c.json(organisation.users.all().filter((user) => state === undefined || user.state === state));
  });
  app.get('/users/:id', (c) => {
    const user = organisation.users.any(c.req.param('id'));
    return user === undefined ? c.json({ error: 'There is no such user.' }, 404) : c.json(user);
  });
  app.post('/users/:id', async (c) => c.json(organisation.edit(c.req.param('id'), readEdit(await c.req.json()))));
  app.delete('/users/:id', (c) => c.json(organisation.edit(c.req.param('id'), { state: 'deleted' })));
  app.post('/seed', async (c) => c.json(organisation.seed(readSeeds(await c.req.json())), 201));
}

function serveFaultSteering(app: Hono, organisation: Organisation): void {
  const { faults } = organisation;
  app.get('/faults', (c) => c.json({ rules: faults.list(), hanging: faults.hanging, outage: faults.outage }));
  app.post('/faults', async (c) => c.json({ id: faults.add(readRule(await c.req.json())) }, 201));
  app.post('/faults/release', (c) => c.json({ released: faults.release() }));
  app.delete('/faults/:id?', (c) => {
    const id = c.req.param('id');
    faults.clear(id === undefined ? undefined : Number(id));
    return c.json({});
  });
  app.post('/outage', async (c) => {
    await faults.setOutage(readOutage(await c.req.json()));
    return c.json({});
  });
  app.post('/revoke-tokens', (c) => {
    faults.revokeTokens();
    return c.json({});
  });
}

function answerSteeringError(error: Error, c: Context): Response {
  return c.json({ error: error.message }, error instanceof Refusal && error.status === 409 ? 409 : 400);
}
