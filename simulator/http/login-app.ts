import { Hono } from 'hono';
import type { Organisation } from '../organisation.ts';
import { notFound } from '../refusal.ts';
import { tokenRefusal } from '../tokens.ts';
import { adminApp } from './admin-app.ts';
import { answer, answerError, openExchange, type ExchangeContext, type ExchangeEnv } from './exchange.ts';
import { meetFaults, meetOutage } from './fault-acts.ts';
import { methodNotAllowed } from './guards.ts';

/** The login host: the token endpoint, and beside it the steering API, which no fault touches. */
export function loginApp(organisation: Organisation): Hono<ExchangeEnv> {
  const app = new Hono<ExchangeEnv>();
  app.route('/_simulator', adminApp(organisation));
  app.use(openExchange(organisation, 'token'), meetOutage(organisation), meetFaults(organisation));
  app.post('/oauth/token', (c) => grantToken(organisation, c));
  app.all('/oauth/token', () => {
    throw methodNotAllowed();
  });
  app.notFound((c) => answerError(organisation, notFound('The requested resource was not found.'), c));
  app.onError((error, c) => answerError(organisation, error, c));
  return app;
}

function grantToken(organisation: Organisation, c: ExchangeContext): Response {
  const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  const form = new URLSearchParams(isForm ? c.get('exchange').text : '');
  const granted = isForm
    ? organisation.tokens.grant(c.req.header('authorization'), form)
    : tokenRefusal(400, 'invalid_request', 'the request must be a form');
  const [status, body] = 'body' in granted ? [granted.status, granted.body] : [200, granted];
  return answer(c, status, body, 'application/json');
}
