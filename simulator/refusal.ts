/** The `scimType` values the API declares. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive';

export const SCIM_ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const SCIM_JSON = 'application/scim+json';

/**
 * A request that is turned down. The API has two error shapes: ScimError (`status` is a string, with `scimType`) and
 * the platform's own ErrorBody (`status` is a number, with `code` and the correlation id).
 */
export class Refusal extends Error {
  readonly status: number;
  readonly scimType: ScimType | null;
  readonly code: string | null;
  /** Further members of the ErrorBody. */
  readonly details: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    shape: {
      scimType?: ScimType | null;
      code?: string;
      details?: Record<string, unknown>;
      headers?: Record<string, string>;
    },
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.scimType = shape.scimType ?? null;
    this.code = shape.code ?? null;
    this.details = shape.details ?? {};
    this.headers = shape.headers ?? {};
  }

  get contentType(): string {
    return this.code === null ? SCIM_JSON : 'application/json';
  }

  body(correlationId: string): Record<string, unknown> {
    if (this.code === null) {
      const scimType = this.scimType === null ? {} : { scimType: this.scimType };
      return { schemas: [SCIM_ERROR], status: String(this.status), ...scimType, detail: this.message };
    }
    return {
      message: this.message,
      code: this.code,
      status: this.status,
      messageParams: {},
      contextId: correlationId,
      details: [],
      errors: [],
      ...this.details,
    };
  }
}

export function scimRefusal(status: number, scimType: ScimType | null, detail: string): Refusal {
  return new Refusal(status, detail, { scimType });
}

export function platformRefusal(
  status: number,
  code: string,
  message: string,
  more: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Refusal {
  return new Refusal(status, message, { code, ...more });
}

export function invalidValue(detail: string): Refusal {
  return scimRefusal(400, 'invalidValue', detail);
}

export function notFound(message = 'User could not be found.'): Refusal {
  return platformRefusal(404, 'not.found', message);
}

export function malformedRequest(): Refusal {
  return platformRefusal(
    400,
    'bad.request',
    'The request could not be understood by the server due to malformed syntax.',
  );
}

/** The normalized 429 that the platform sends since November 2021. */
export function throttled(seconds: number): Refusal {
  return platformRefusal(
    429,
    'too.many.requests.retry.after',
    `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
    { headers: { 'Retry-After': String(seconds) } },
  );
}

/** What the platform says with a status that no rule of its own produced. */
export function statusRefusal(status: number): Refusal {
  const known = STATUS_TEXTS[status];
  return platformRefusal(status, known?.[0] ?? 'internal.server.error', known?.[1] ?? 'The request failed.');
}

const STATUS_TEXTS: Record<number, readonly [code: string, message: string]> = {
  400: ['bad.request', 'The request could not be understood by the server due to malformed syntax.'],
  401: ['bad.credentials', 'Invalid login credentials.'],
  403: ['not.authorized', 'You are not authorized to perform the requested action.'],
  404: ['not.found', 'The requested resource was not found.'],
  405: ['not.allowed', 'The requested method is not allowed on this resource.'],
  408: ['client.timeout', 'The client failed to produce the request in time.'],
  409: ['request.conflict', 'The request conflicts with another one.'],
  500: ['internal.server.error', 'The server encountered an unexpected condition.'],
  502: ['bad.gateway', 'The gateway received an invalid response.'],
  503: ['service.unavailable', 'Service Unavailable - The server is currently unavailable.'],
  504: ['request.timeout', 'The request timed out.'],
};
