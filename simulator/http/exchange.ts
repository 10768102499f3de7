import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import type { Organisation } from '../organisation.ts';
import { Refusal, SCIM_JSON, statusRefusal } from '../refusal.ts';
import { loggedBody, type RequestLogEntry } from '../request-log.ts';

/** One request and its answer, as the middlewares share it. */
export interface Exchange {
  correlationId: string;
  text: string;
  entry: RequestLogEntry;
  /** True when the connection was cut, so that there is no answer. */
  cut: boolean;
}

export interface ExchangeEnv {
  Bindings: HttpBindings;
  Variables: { exchange: Exchange };
}

export type ExchangeContext = Context<ExchangeEnv>;

/** Opens every request: correlation id, body, entry in the log; and notes the answer when it is on its way. */
export function openExchange(organisation: Organisation, on: 'api' | 'token'): MiddlewareHandler<ExchangeEnv> {
  return async (c, next) => {
    const correlationId = randomUUID();
    const text = await bodyText(c);
    if (text === null) return RESPONSE_ALREADY_SENT;
    const url = new URL(c.req.url);
    const entry = organisation.log.open({
      on,
      method: c.req.method,
      path: url.pathname + url.search,
      body: loggedBody(text, c.req.header('content-type')),
      correlationId,
      userAgent: c.req.header('user-agent') ?? null,
    });
    c.set('exchange', { correlationId, text, entry, cut: false });
    c.header('ININ-Correlation-Id', correlationId);
    await next();
    const gone = c.get('exchange').cut || c.env.outgoing.destroyed;
    if (!gone) organisation.log.close(entry, c.res.status);
    return undefined;
  };
}

/** The body as text, read from the socket's own stream (cheaper than the web one); null when the client went away. */
async function bodyText(c: ExchangeContext): Promise<string | null> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return '';
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of c.env.incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with a JSON body of that type. */
export function answer(c: ExchangeContext, status: number, body: unknown, contentType = SCIM_JSON): Response {
  c.header('Content-Type', contentType);
  return c.newResponse(JSON.stringify(body), status as StatusCode);
}

/** Answers with what a refusal says. Anything else is a defect of the simulator: it says so, as a 500. */
export function answerError(organisation: Organisation, error: unknown, c: ExchangeContext): Response {
  const refusal = error instanceof Refusal ? error : defect(organisation, error);
  for (const [name, value] of Object.entries(refusal.headers)) c.header(name, value);
  return answer(c, refusal.status, refusal.body(c.get('exchange').correlationId), refusal.contentType);
}

function defect(organisation: Organisation, error: unknown): Refusal {
  organisation.options.onAlarm(`The simulator failed on a request: ${String(error)}`);
  return statusRefusal(500);
}
