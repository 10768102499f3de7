import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { MiddlewareHandler } from 'hono';
import type { Encounter, FaultEffect } from '../faults.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal, SCIM_JSON, scimRefusal, statusRefusal, throttled } from '../refusal.ts';
import { isObject } from '../users/list-items.ts';
import { answerError, type ExchangeContext, type ExchangeEnv } from './exchange.ts';

const WEB_PAGE =
  '<!DOCTYPE html><html><head><title>Service gateway</title></head><body><h1>Please stand by</h1></body></html>';

/** An outage, and what revokes tokens, come before anything looks at the request. */
export function meetOutage(organisation: Organisation): MiddlewareHandler<ExchangeEnv> {
  const { faults } = organisation;
  return async (c, next) => {
    const { outage } = faults;
    if (outage !== null) c.get('exchange').entry.fault = `outage ${outage}`;
    if (outage === 'unavailable') throw statusRefusal(503);
    if (outage !== null) return cut(c);
    if (faults.meet(encounterOf(organisation, c), 'early') !== null) {
      c.get('exchange').entry.fault = 'revoke-tokens';
      faults.revokeTokens();
    }
    return next();
  };
}

/** Every other fault strikes requests that are authenticated and within the rate, so that none is spent on a 401 or 429. */
export function meetFaults(organisation: Organisation): MiddlewareHandler<ExchangeEnv> {
  return async (c, next) => {
    const effect = organisation.faults.meet(encounterOf(organisation, c), 'late');
    if (effect === null) return next();
    c.get('exchange').entry.fault = effect.kind;
    return act(organisation, effect, c, next);
  };
}

async function act(
  organisation: Organisation,
  effect: FaultEffect,
  c: ExchangeContext,
  next: () => Promise<void>,
): Promise<Response | void> {
  const after = 'when' in effect && effect.when === 'after';
  if (after) await next();
  if (effect.kind === 'hang' || effect.kind === 'slow') await organisation.faults.hold(effect.ms);
  else if (after) forgetAnswer(c);
  const spoilt = spoil(organisation, effect, c);
  if (spoilt === null) return after ? undefined : next();
  if (!after) return spoilt;
  c.res = undefined;
  c.res = spoilt;
}

/** Takes away what only the right answer would have told. */
function forgetAnswer(c: ExchangeContext): void {
  c.header('ETag', undefined);
  c.header('Location', undefined);
}

/** The answer the fault gives in place of the right one; null when it gives none. */
function spoil(organisation: Organisation, effect: FaultEffect, c: ExchangeContext): Response | null {
  if (effect.kind === 'reset') return cut(c);
  if (effect.kind === 'status') return answerError(organisation, statusFault(effect), c);
  if (effect.kind !== 'malformed') return null;
  const html = effect.body === 'html';
  const headers = { 'Content-Type': html ? 'text/html; charset=utf-8' : SCIM_JSON };
  return new Response(html ? WEB_PAGE : '{"schemas":["urn:ietf:par', { status: effect.status ?? 200, headers });
}

function statusFault(effect: FaultEffect & { kind: 'status' }): Refusal {
  const usual = effect.status === 429 ? throttled(effect.retryAfter ?? 1) : statusRefusal(effect.status);
  const message = effect.message ?? usual.message;
  if (effect.scim === true || effect.scimType !== undefined) {
    return scimRefusal(effect.status, effect.scimType ?? null, message);
  }
  const code = effect.code ?? usual.code ?? 'bad.request';
  const retryAfter = effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) };
  return new Refusal(effect.status, message, { code, headers: { ...usual.headers, ...retryAfter } });
}

/** Cuts the connection with a TCP reset. */
function cut(c: ExchangeContext): Response {
  c.get('exchange').cut = true;
  c.env.incoming.socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

function encounterOf(organisation: Organisation, c: ExchangeContext): Encounter {
  const { entry } = c.get('exchange');
  const inBody = isObject(entry.body) ? entry.body['userName'] : undefined;
  const addressed = organisation.users.any(/\/users\/([^/?]+)/i.exec(entry.path)?.[1] ?? '')?.userName;
  const userNames = [inBody, addressed].filter((name) => typeof name === 'string');
  return { on: entry.on, method: entry.method, path: entry.path, userNames };
}
