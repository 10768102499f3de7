import type { MiddlewareHandler } from 'hono';
import type { Organisation } from '../organisation.ts';
import { malformedRequest, platformRefusal, scimRefusal, throttled, type Refusal } from '../refusal.ts';
import type { ExchangeContext, ExchangeEnv } from './exchange.ts';

const MOST_BYTES = 512_000;
const JSON_TYPES = ['application/scim+json', 'application/json'];

/** Lets only requests with a good token within their rate pass, and puts the rate headers on every answer to them. */
export function admit(organisation: Organisation): MiddlewareHandler<ExchangeEnv> {
  return async (c, next) => {
    const rate = organisation.rate.take(organisation.tokens.check(c.req.header('authorization')));
    c.header('inin-ratelimit-count', String(rate.count));
    c.header('inin-ratelimit-allowed', String(rate.allowed));
    c.header('inin-ratelimit-reset', String(rate.reset));
    if (rate.exceeded) throw throttled(rate.reset);
    return next();
  };
}

/** The JSON body of a request. @throws Refusal 413, 415 or 400 */
export function jsonBody(c: ExchangeContext): unknown {
  const { text } = c.get('exchange');
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw platformRefusal(
      413,
      'request.entity.too.large',
      `The request is over the size limit of ${MOST_BYTES} bytes.`,
    );
  }
  const type = (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (!JSON_TYPES.includes(type)) {
    throw platformRefusal(415, 'unsupported.media.type', 'The content type of the request is not supported.');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformedRequest();
  }
}

/** `ETag` of a version: in double quotes, as `If-Match` and `If-None-Match` give it back. */
export function etag(version: number): string {
  return `"${version}"`;
}

/** Whether an `If-Match` or `If-None-Match` header names this version. */
export function names(header: string, version: number): boolean {
  const given = header.split(',').map((part) => part.trim().replace(/^W\//, ''));
  return given.includes('*') || given.includes(etag(version));
}

/** Refuses a write made for another version, with the status the options choose. Without `If-Match` all pass. */
export function refuseStale(organisation: Organisation, c: ExchangeContext, version: number): void {
  const header = c.req.header('if-match');
  if (header === undefined || names(header, version)) return;
  const status = organisation.options.staleVersion;
  const scimType = status === 400 ? 'invalidVers' : null;
  throw scimRefusal(status, scimType, 'Version does not match current version.');
}

/** A whole number of the query. @throws Refusal 400 */
export function wholeNumber(c: ExchangeContext, name: string, absent: number): number {
  const text = c.req.query(name);
  if (text === undefined) return absent;
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  throw platformRefusal(400, 'invalid.query.param.value', `The parameter ${name} must be a whole number.`);
}

export function methodNotAllowed(): Refusal {
  return platformRefusal(405, 'not.allowed', 'The requested method is not allowed on this resource.');
}
