import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { SimulatorOptions } from './options.ts';
import { platformRefusal } from './refusal.ts';

/** A refusal of the token endpoint, in OAuth's own shape. */
export interface TokenRefusal {
  status: number;
  body: { error: string; description: string; error_description: string };
}

export interface IssuedToken {
  access_token: string;
  token_type: 'bearer';
  expires_in: number;
}

/** The tokens handed out, and until when each is good. */
export class Tokens {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #expiry = new Map<string, number>();

  constructor(options: SimulatorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Answers a token request: client id and secret from a Basic header, or from the form where that is allowed. */
  grant(authorization: string | undefined, form: URLSearchParams): IssuedToken | TokenRefusal {
    const given = credentials(authorization) ?? (this.#options.allowBodyCredentials ? formCredentials(form) : null);
    if (given === null || given.id !== this.#options.clientId) return this.#invalidClient('client not found');
    if (given.secret !== this.#options.clientSecret) return this.#invalidClient('authentication failed');
    if (form.get('grant_type') !== 'client_credentials') {
      return tokenRefusal(400, 'unsupported_grant_type', 'grant type not supported');
    }
    return this.#issue();
  }

  /** The bearer token of a request. @throws Refusal 401 when it is missing, unknown, expired or revoked */
  check(authorization: string | undefined): string {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      const message = 'No authentication bearer token specified in authorization header.';
      throw platformRefusal(401, 'authentication.required', message);
    }
    if ((this.#expiry.get(token) ?? 0) > this.#clock.now()) return token;
    throw platformRefusal(401, 'bad.credentials', 'Invalid login credentials.');
  }

  revokeAll(): void {
    this.#expiry.clear();
  }

  #issue(): IssuedToken {
    const life = this.#options.tokenLifeSeconds;
    const token = `sim-${randomUUID()}`;
    this.#expiry.set(token, this.#clock.now() + life * 1000);
    return { access_token: token, token_type: 'bearer', expires_in: life };
  }

  #invalidClient(description: string): TokenRefusal {
    return tokenRefusal(this.#options.invalidClientStatus, 'invalid_client', description);
  }
}

export function tokenRefusal(status: number, error: string, description: string): TokenRefusal {
  return { status, body: { error, description, error_description: description } };
}

interface Credentials {
  id: string;
  secret: string;
}

function credentials(authorization: string | undefined): Credentials | null {
  const encoded = /^Basic\s+([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function formCredentials(form: URLSearchParams): Credentials | null {
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  return id === null || secret === null ? null : { id, secret };
}
