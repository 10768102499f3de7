import type { Dispatcher } from 'undici';
import type { ProfileName } from '../model/profile.ts';
import type { Call } from './call.ts';
import { pause } from './call.ts';
import type { Answered, HttpRequest, Outcome } from './exchange.ts';
import { badCredentials, failureOf } from './failures.ts';
import type { Asked } from './failures.ts';
import type { Pace } from './pace.ts';
import { allowanceOf } from './rate-limit.ts';
import { repeatPassing } from './repeat.ts';
import type { Token, TokenKeeper } from './token.ts';
import { watchedExchange, type RequestWatch } from './watch.ts';

export interface ApiTimes {
  /** For one request. */
  requestTimeoutMs: number;
  /** For one read with its repetitions. */
  retryBudgetMs: number;
  /** Before credentials are called bad: holds up those who would ask again at once. */
  refusedPauseMs: number;
}

/** A request without what the client adds: host, token, content type. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: string;
  ifMatch?: string;
  /** Values in it, kept out of error texts. */
  values: readonly string[];
}

const SCIM_JSON = 'application/scim+json';
/** So many refused tokens in a row are no accident. */
const MOST_REFUSALS = 3;

/** Requests to the API: token, pace, the one repetition after a 401, repeated reads, counting. */
export class Api {
  readonly host: string;
  readonly #profile: ProfileName;
  readonly #dispatcher: Dispatcher;
  readonly #tokens: TokenKeeper;
  readonly #pace: Pace;
  readonly #times: ApiTimes;
  readonly #watch: RequestWatch | undefined;

  constructor(
    service: { host: string; profile: ProfileName },
    dispatcher: Dispatcher,
    tokens: TokenKeeper,
    pace: Pace,
    times: ApiTimes,
    watch?: RequestWatch,
  ) {
    this.host = service.host;
    this.#profile = service.profile;
    this.#dispatcher = dispatcher;
    this.#tokens = tokens;
    this.#pace = pace;
    this.#times = times;
    this.#watch = watch;
  }

  /** Reads, and repeats what passes: 429, 5xx, timeouts, lost connections. `alsoExpected` is a status that is no error. */
  async read(request: ApiRequest, call: Call, alsoExpected = 200): Promise<Answered> {
    const { requestTimeoutMs, retryBudgetMs } = this.#times;
    const outcome = await repeatPassing((timeoutMs) => this.#authorized(request, call, timeoutMs), {
      timeoutMs: requestTimeoutMs,
      budgetMs: retryBudgetMs,
      signal: call.signal,
    });
    return this.#expect(outcome, request, (status) => status === 200 || status === alsoExpected);
  }

  /** Writes, once: what comes back may be an error with `unknownOutcome`, and only its caller can look before it repeats. */
  async write(request: ApiRequest, call: Call): Promise<Answered> {
    const outcome = await this.#authorized(request, call, this.#times.requestTimeoutMs);
    return this.#expect(outcome, request, (status) => status >= 200 && status < 300);
  }

  /** Waits for the pace ahead of the next request of this call, so that nothing waits between a claim and its request. */
  async admit(call: Call): Promise<void> {
    if (call.admitted === true) return;
    await this.#takePlace(call);
    call.admitted = true;
  }

  #takePlace({ signal, urgent = false }: Call): Promise<void> {
    return this.#pace.take(signal, { urgent });
  }

  /** What an error about this request has to know. */
  asked(request: ApiRequest): Asked {
    return { write: request.method !== 'GET', host: this.host, values: request.values, profile: this.#profile };
  }

  #expect(outcome: Outcome, request: ApiRequest, isExpected: (status: number) => boolean): Answered {
    if (outcome.kind === 'answered' && isExpected(outcome.status)) return outcome;
    throw failureOf(outcome, this.asked(request));
  }

  /** A 401 is a definite refusal, so even a write may be sent again, with another token. */
  async #authorized(request: ApiRequest, call: Call, timeoutMs: number): Promise<Outcome> {
    const token = await this.#tokens.take(call);
    const outcome = await this.#send(request, token, call, timeoutMs);
    if (!isUnauthorized(outcome)) return this.#accepted(outcome);
    if (this.#tokens.refused(token) >= MOST_REFUSALS) return this.#giveUp(call);

    const renewed = await this.#tokens.take(call);
    const repeated = await this.#send(request, renewed, call, timeoutMs);
    if (!isUnauthorized(repeated)) return this.#accepted(repeated);
    if (this.#tokens.refused(renewed) >= MOST_REFUSALS) return this.#giveUp(call);
    return repeated;
  }

  #accepted(outcome: Outcome): Outcome {
    if (outcome.kind === 'answered') this.#tokens.accepted();
    return outcome;
  }

  async #giveUp(call: Call): Promise<never> {
    await pause(this.#times.refusedPauseMs, call.signal);
    throw badCredentials('the API refused three tokens in a row', this.#profile);
  }

  async #send(request: ApiRequest, token: Token, call: Call, timeoutMs: number): Promise<Outcome> {
    if (call.admitted !== true) await this.#takePlace(call);
    call.admitted = false;
    const write = request.method !== 'GET';
    const limits = { timeoutMs, signal: call.signal, finishOnceSent: write };
    const watched = { watch: this.#watch, kind: write ? 'write' : 'read', host: this.host } as const;
    const outcome = await watchedExchange(this.#dispatcher, httpRequest(request, token), limits, watched);
    if (outcome.kind === 'answered' || outcome.sent) call.requests[write ? 'write' : 'read'] += 1;
    if (outcome.kind === 'answered') await this.#observe(outcome, call);
    return outcome;
  }

  async #observe(answer: Answered, call: Call): Promise<void> {
    if (answer.status === 429) call.requests.throttled += 1;
    // The answer of a write must not get lost over the pace; the next answer corrects the pace again.
    await this.#pace.observe(allowanceOf(answer, Date.now())).catch(() => undefined);
  }
}

function isUnauthorized(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && outcome.status === 401;
}

function httpRequest(request: ApiRequest, token: Token): HttpRequest {
  const headers: Record<string, string> = {
    authorization: `Bearer ${token.value}`,
    accept: SCIM_JSON,
    'user-agent': 'rollcall',
  };
  if (request.body !== undefined) headers['content-type'] = SCIM_JSON;
  if (request.ifMatch !== undefined) headers['if-match'] = request.ifMatch;
  return { method: request.method, path: request.path, headers, body: request.body ?? null };
}
