import type { Answered } from './exchange.ts';
import { headerOf } from './rate-limit.ts';

/** What an error answer says, whichever of the two shapes it has. */
export interface ErrorBody {
  /** `scim`: a SCIM Error (`status` is a string); `platform`: the Platform API's ErrorBody (`status` is a number); `none`: not from the service. */
  shape: 'scim' | 'platform' | 'none';
  scimType: string | null;
  /** Of the platform shape, such as `missing.permissions`. */
  code: string | null;
  /** `detail` or `message`, as sent: may carry values of people. */
  message: string;
  contextId: string | null;
}

const SCIM_ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const NOTHING: ErrorBody = { shape: 'none', scimType: null, code: null, message: '', contextId: null };

/** Reads an error answer; a page of a proxy or anything else that is none of the two shapes has shape `none`. */
export function readErrorBody(answer: Answered): ErrorBody {
  const body = parseObject(answer.body);
  if (body === null) return NOTHING;
  const schemas = body['schemas'];
  const isScim = Array.isArray(schemas) && schemas.includes(SCIM_ERROR);
  if (isScim || typeof body['scimType'] === 'string') return scimError(body);
  const isPlatform = typeof body['message'] === 'string' && (typeof body['code'] === 'string' || 'contextId' in body);
  return isPlatform ? platformError(body) : NOTHING;
}

/** The id that Genesys' support asks for; null when the answer has none. */
export function correlationIdOf(answer: Answered, body: ErrorBody = NOTHING): string | null {
  const id =
    headerOf(answer.headers, 'inin-correlation-id') ??
    headerOf(answer.headers, 'genesys-correlation-id') ??
    body.contextId;
  return id === null ? null : id.replaceAll(/[^\w.:-]/g, '').slice(0, 100) || null;
}

/** JSON text in strict UTF-8 to an object; null when it is none. */
export function parseObject(bytes: Buffer): Record<string, unknown> | null {
  const value = parseJson(bytes);
  return isObject(value) ? value : null;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Neither UTF-8 nor JSON: the caller says what that means for its request.
    return null;
  }
}

function scimError(body: Record<string, unknown>): ErrorBody {
  return {
    shape: 'scim',
    scimType: wordOf(body['scimType']),
    code: wordOf(body['code']),
    message: textOf(body['detail']) || textOf(body['message']),
    contextId: textOf(body['contextId']) || null,
  };
}

function platformError(body: Record<string, unknown>): ErrorBody {
  return {
    shape: 'platform',
    scimType: null,
    code: wordOf(body['code']),
    message: textOf(body['message']),
    contextId: textOf(body['contextId']) || null,
  };
}

/** Codes are words of the service's own; anything else might be a value. */
function wordOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.-]{1,80}$/.test(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
