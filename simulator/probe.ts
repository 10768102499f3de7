import type { Simulator } from './start.ts';

/** An answer as the tests look at it. */
export interface ProbeAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON body; an empty object where there is none. */
  json: Record<string, unknown>;
}

/** A bare client for tests: it sends what it is told and judges nothing. */
export class Probe {
  readonly #simulator: Simulator;
  token = '';

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** A probe with a token. */
  static async of(simulator: Simulator): Promise<Probe> {
    const probe = new Probe(simulator);
    await probe.login();
    return probe;
  }

  async login(): Promise<void> {
    const { json } = await this.askToken();
    this.token = String(json['access_token']);
  }

  askToken(secret = this.#simulator.clientSecret, body = 'grant_type=client_credentials'): Promise<ProbeAnswer> {
    const basic = Buffer.from(`${this.#simulator.clientId}:${secret}`).toString('base64');
    return send(this.#simulator.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  }

  /** Calls the API below `/api/v2/scim/v2`; a body is sent as SCIM JSON unless it is a text, which goes as it is. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ProbeAnswer> {
    return this.raw(method, `/api/v2/scim/v2${path}`, body, headers);
  }

  raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ProbeAnswer> {
    const content = body === undefined ? {} : { 'content-type': 'application/scim+json' };
    return send(`${this.#simulator.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...content, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  filter(text: string): Promise<ProbeAnswer> {
    return this.call('GET', `/users?filter=${encodeURIComponent(text)}`);
  }

  patch(id: string, ...operations: unknown[]): Promise<ProbeAnswer> {
    return this.call('PATCH', `/users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations,
    });
  }

  /** Creates a user and returns his id. */
  async create(userName: string, more: Record<string, unknown> = {}): Promise<string> {
    const { json } = await this.call('POST', '/users', { userName, displayName: userName, ...more });
    return String(json['id']);
  }
}

/** The steering API, as another process uses it. */
export function steer(simulator: Simulator, method: string, path: string, body?: unknown): Promise<ProbeAnswer> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return send(`${simulator.loginUrl}/_simulator${path}`, { method, ...content });
}

/** The logins of a list answer. */
export function logins(answer: ProbeAnswer): string[] {
  const resources = answer.json['Resources'] as { userName: string }[];
  return resources.map((user) => user.userName);
}

async function send(url: string, init: RequestInit): Promise<ProbeAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
