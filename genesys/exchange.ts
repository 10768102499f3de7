import type { Dispatcher } from 'undici';
import { reasonOf } from './call.ts';

/** One HTTP request, complete. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface ExchangeLimits {
  /** From the call to the last byte of the answer, waiting for a connection included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** True: the signal counts only until the request is on the wire. */
  finishOnceSent: boolean;
}

export type HttpHeaders = Record<string, string | string[] | undefined>;

export interface Answered {
  kind: 'answered';
  status: number;
  headers: HttpHeaders;
  body: Buffer;
}

/** Why no answer came. */
export type Silence =
  'timeout' | 'lost' | 'refused' | 'unknown-host' | 'certificate' | 'tls' | 'garbled' | 'too-large' | 'closed';

export interface Unanswered {
  kind: 'unanswered';
  reason: Silence;
  /** False when certainly no byte of the request was written. */
  sent: boolean;
  error: Error;
}

export type Outcome = Answered | Unanswered;

/** Largest answer that is read; 25 users with all attributes stay far below. */
export const MAX_ANSWER_BYTES = 20 * 1024 * 1024;

/**
 * Sends one request and reads its answer. Whatever happens on the way is an outcome, not an error; it rejects only with
 * the reason of the signal. Nothing is repeated and no redirect followed.
 */
export function exchange(dispatcher: Dispatcher, request: HttpRequest, limits: ExchangeLimits): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    limits.signal?.throwIfAborted();
    const running = new RunningExchange(limits, resolve, reject);
    dispatcher.dispatch({ ...request, headersTimeout: 0, bodyTimeout: 0 }, running);
  });
}

/**
 * undici calls `onRequestStart` right before it writes the head to a connected socket, which is what tells a request that
 * was never sent from one that may have been carried out.
 */
class RunningExchange implements Dispatcher.DispatchHandler {
  readonly #limits: ExchangeLimits;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (reason: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #settled = false;
  #status = 0;
  #headers: HttpHeaders = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limits: ExchangeLimits, resolve: (outcome: Outcome) => void, reject: (reason: Error) => void) {
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => {
      this.#fail('timeout', new Error(`no answer within ${limits.timeoutMs} ms`));
    }, limits.timeoutMs);
    limits.signal?.addEventListener('abort', this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) controller.abort(new Error('given up while waiting for a connection'));
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MAX_ANSWER_BYTES) this.#fail('too-large', new Error('answer too large'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks);
    this.#settle(() => this.#resolve({ kind: 'answered', status: this.#status, headers: this.#headers, body }));
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(silenceOf(error, this.#controller !== null), error);
  }

  #onAbort = (): void => {
    if (this.#limits.finishOnceSent && this.#controller !== null) return;
    const { signal } = this.#limits;
    this.#settle(() => this.#reject(signal === undefined ? new Error('cancelled') : reasonOf(signal)));
    this.#controller?.abort(new Error('cancelled'));
  };

  #fail(reason: Silence, error: Error): void {
    const sent = this.#controller !== null;
    this.#settle(() => this.#resolve({ kind: 'unanswered', reason, sent, error }));
    this.#controller?.abort(error);
  }

  #settle(finish: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#limits.signal?.removeEventListener('abort', this.#onAbort);
    finish();
  }
}

const SILENCE_BY_CODE: Record<string, Silence> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EAI_FAIL: 'unknown-host',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  UND_ERR_HEADERS_OVERFLOW: 'garbled',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
};

/** Codes of OpenSSL's certificate verification, as Node spells them (`crypto/x509` of Node's documentation). */
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERROR_IN_CERT|CRL_)/;

const TLS = /^(EPROTO$|ERR_SSL_|ERR_OSSL_)/;

function silenceOf(error: Error, sent: boolean): Silence {
  const code = codeOf(error);
  if (!sent && CERTIFICATE.test(code)) return 'certificate';
  if (!sent && TLS.test(code)) return 'tls';
  // undici gives parser errors no code. "Invalid EOF state": the end came where more was due, so cut short, not garbled.
  if (error.name === 'HTTPParserError') return error.message.includes('Invalid EOF state') ? 'lost' : 'garbled';
  return SILENCE_BY_CODE[code] ?? 'lost';
}

/** The system's or undici's code of an error, for messages and decisions; empty when it has none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
