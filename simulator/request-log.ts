import type { Clock } from './clock.ts';
import type { SimulatorOptions } from './options.ts';

/** One request that arrived, in order of arrival. */
export interface RequestLogEntry {
  on: 'api' | 'token';
  method: string;
  /** Path with query. */
  path: string;
  /** Status of the answer; null while there is none, and for good when the connection was cut instead. */
  status: number | null;
  /** The body as parsed JSON, as text when it is none, null when empty. Passwords and client secrets are hidden. */
  body: unknown;
  /** ISO time of arrival. */
  at: string;
  correlationId: string;
  userAgent: string | null;
  /** The kind of the fault this request met, if any. */
  fault: string | null;
}

/** Totals since the start or the last reset. */
export interface RequestCounts {
  /** Token requests. */
  token: number;
  /** GET requests to the API. */
  read: number;
  /** All other requests to the API. */
  write: number;
  /** Answers 429. */
  throttled: number;
  /** Other answers of 400 to 499. */
  refused: number;
  /** Answers of 500 and more. */
  failed: number;
  /** DELETE requests; a synchronisation should never send one. */
  deletes: number;
}

const HIDDEN = '(hidden)';

/** The requests in memory, the newest `logLimit` of them, with counts over all. */
export class RequestLog {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  /** Grows and is trimmed in place: whoever holds it sees every later request. */
  readonly entries: RequestLogEntry[] = [];
  readonly counts: RequestCounts = noRequests();

  constructor(options: SimulatorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  open(
    request: Pick<RequestLogEntry, 'on' | 'method' | 'path' | 'body' | 'correlationId' | 'userAgent'>,
  ): RequestLogEntry {
    const entry: RequestLogEntry = { ...request, status: null, at: this.#clock.iso(), fault: null };
    this.entries.push(entry);
    this.#trim();
    if (entry.on === 'token') this.counts.token += 1;
    else if (entry.method === 'GET') this.counts.read += 1;
    else this.counts.write += 1;
    if (entry.on === 'api' && entry.method === 'DELETE') this.#alarm(entry);
    return entry;
  }

  close(entry: RequestLogEntry, status: number): void {
    entry.status = status;
    if (status === 429) this.counts.throttled += 1;
    else if (status >= 500) this.counts.failed += 1;
    else if (status >= 400) this.counts.refused += 1;
  }

  clear(): void {
    this.entries.length = 0;
    Object.assign(this.counts, noRequests());
  }

  #alarm(entry: RequestLogEntry): void {
    this.counts.deletes += 1;
    this.#options.onAlarm(`DELETE ${entry.path} arrived; a synchronisation should never delete anybody.`);
  }

  /** In larger steps, so that a full log does not shift on every request. */
  #trim(): void {
    const { logLimit } = this.#options;
    if (this.entries.length > logLimit * 1.1 + 1) this.entries.splice(0, this.entries.length - logLimit);
  }
}

/** A request body as the log may show it. */
export function loggedBody(text: string, contentType: string | undefined): unknown {
  if (text === '') return null;
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true) return loggedForm(text);
  try {
    return JSON.parse(text, (name, value: unknown) => (name.toLowerCase() === 'password' ? HIDDEN : value)) as unknown;
  } catch {
    return text.slice(0, 1000);
  }
}

function loggedForm(text: string): Record<string, string> {
  const fields = [...new URLSearchParams(text)];
  return Object.fromEntries(fields.map(([name, value]) => [name, name === 'client_secret' ? HIDDEN : value]));
}

function noRequests(): RequestCounts {
  return { token: 0, read: 0, write: 0, throttled: 0, refused: 0, failed: 0, deletes: 0 };
}
