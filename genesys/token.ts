import type { Dispatcher } from 'undici';
import type { RequestCounts } from '../model/run.ts';
import type { TargetSettings } from '../model/settings.ts';
import type { Call } from './call.ts';
import { untilAborted } from './call.ts';
import { parseObject, readErrorBody } from './error-body.ts';
import type { Answered, HttpRequest, Outcome } from './exchange.ts';
import { badCredentials, failureOf, unreadable } from './failures.ts';
import type { Asked } from './failures.ts';
import { repeatPassing } from './repeat.ts';
import { watchedExchange, type RequestWatch } from './watch.ts';

/** One issued token. Compared by identity: a service may issue the same text twice. */
export interface Token {
  readonly value: string;
}

interface HeldToken extends Token {
  readonly usableUntil: number;
}

export interface TokenOptions {
  /** For one request. */
  timeoutMs: number;
  /** For one renewal with its repetitions. */
  budgetMs: number;
  watch?: RequestWatch | undefined;
}

const RENEW_BEFORE_MS = 120_000;
const SAFETY_MARGIN_MS = 90_000;
/** Clients made for SCIM may have tokens of 450 days; a timer holds 24, and one renewal a day costs nothing. */
const LONGEST_TIMER_MS = 24 * 3_600_000;
/** Keeps a token of next to no life from being renewed without pause. */
const SHORTEST_TIMER_MS = 250;
/** Shortest life that Genesys Cloud allows, for an answer without `expires_in`. */
const DEFAULT_LIFE_SECONDS = 300;

/**
 * The one token of this process (client credentials grant): fetched when first needed, renewed in the background, never
 * by two requests at a time. The secrets are read anew for every request, so that a rotated file is found.
 */
export class TokenKeeper {
  readonly #settings: TargetSettings;
  readonly #dispatcher: Dispatcher;
  readonly #options: TokenOptions;
  readonly #asked: Asked;
  readonly #closing = new AbortController();
  #held: HeldToken | null = null;
  #flight: Promise<HeldToken> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #refusals = 0;
  /** Requests of background renewals, which the next call reports. */
  #background = { token: 0, throttled: 0 };

  constructor(settings: TargetSettings, dispatcher: Dispatcher, options: TokenOptions) {
    this.#settings = settings;
    this.#dispatcher = dispatcher;
    this.#options = options;
    const { host } = new URL(settings.tokenUrl);
    this.#asked = {
      write: false,
      host,
      values: [],
      keys: 'target.region, target.baseUrl or target.tokenUrl',
      profile: settings.profile,
    };
  }

  /** The current token; fetches one where there is none or it is about to expire. */
  async take(call: Call): Promise<Token> {
    call.signal?.throwIfAborted();
    this.#reportBackground(call.requests);
    if (this.#held !== null && Date.now() < this.#held.usableUntil) return this.#held;
    return untilAborted(this.#obtain(call.requests), call.signal);
  }

  /**
   * The API refused this token. Returns how many tokens in a row it has refused: answers to requests that were sent with
   * the same token count once.
   */
  refused(token: Token): number {
    if (token === this.#held) {
      this.#drop();
      this.#refusals += 1;
    }
    return this.#refusals;
  }

  /** The API accepted a token. */
  accepted(): void {
    this.#refusals = 0;
  }

  close(): void {
    this.#drop();
    this.#closing.abort(failureOf(closed(), this.#asked));
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#held = null;
  }

  #obtain(counts: Pick<RequestCounts, 'token' | 'throttled'>): Promise<HeldToken> {
    this.#flight ??= this.#fetch(counts).finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #fetch(counts: Pick<RequestCounts, 'token' | 'throttled'>): Promise<HeldToken> {
    let askedAt = Date.now();
    const send = (timeoutMs: number): Promise<Outcome> => {
      askedAt = Date.now();
      return this.#request(counts, timeoutMs);
    };
    const outcome = await repeatPassing(send, { ...this.#options, signal: this.#closing.signal });
    const { value, lifeMs } = this.#read(outcome);
    const held = { value, usableUntil: askedAt + lifeMs - Math.min(SAFETY_MARGIN_MS, lifeMs / 4) };
    this.#hold(held, askedAt + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2));
    return held;
  }

  #hold(token: HeldToken, renewAt: number): void {
    this.#drop();
    this.#held = token;
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(
      () => this.#renew(),
      Math.min(Math.max(renewAt - Date.now(), SHORTEST_TIMER_MS), LONGEST_TIMER_MS),
    );
    this.#timer.unref();
  }

  /** The old token stays in use while it is valid; when it is not, the next call fetches one and tells what is wrong. */
  #renew(): void {
    this.#obtain(this.#background).catch(() => undefined);
  }

  #reportBackground(requests: RequestCounts): void {
    requests.token += this.#background.token;
    requests.throttled += this.#background.throttled;
    this.#background = { token: 0, throttled: 0 };
  }

  async #request(counts: Pick<RequestCounts, 'token' | 'throttled'>, timeoutMs: number): Promise<Outcome> {
    const limits = { timeoutMs, signal: this.#closing.signal, finishOnceSent: false };
    const watched = { watch: this.#options.watch, kind: 'token', host: this.#asked.host } as const;
    const outcome = await watchedExchange(this.#dispatcher, tokenRequest(this.#settings), limits, watched);
    if (outcome.kind === 'answered' || outcome.sent) counts.token += 1;
    if (outcome.kind === 'answered' && outcome.status === 429) counts.throttled += 1;
    return outcome;
  }

  #read(outcome: Outcome): { value: string; lifeMs: number } {
    if (outcome.kind === 'unanswered') throw failureOf(outcome, this.#asked);
    if (outcome.status === 400 || outcome.status === 401)
      throw badCredentials(oauthError(outcome), this.#settings.profile, outcome);
    if (outcome.status !== 200) throw failureOf(outcome, this.#asked);
    const grant = parseGrant(outcome);
    if (grant === null) throw unreadable(outcome, this.#asked, 'a token');
    return grant;
  }
}

/** RFC 6749, 4.4. Genesys' own clients send id and secret as they are, without the form encoding of section 2.3.1. */
function tokenRequest(settings: TargetSettings): HttpRequest {
  const url = new URL(settings.tokenUrl);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'user-agent': 'rollcall',
  };
  const id = settings.clientId.read();
  const secret = settings.clientSecret.read();
  if (settings.auth.style === 'basic') {
    headers['authorization'] = `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}`;
  } else {
    form.set('client_id', id);
    form.set('client_secret', secret);
  }
  if (settings.auth.scope !== null) form.set('scope', settings.auth.scope);
  return { method: 'POST', path: url.pathname + url.search, headers, body: form.toString() };
}

function parseGrant(answer: Answered): { value: string; lifeMs: number } | null {
  const body = parseObject(answer.body);
  const value = body?.['access_token'];
  // A header takes no other characters, and an error about it would show the token.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) return null;
  const seconds = Number(body?.['expires_in'] ?? DEFAULT_LIFE_SECONDS);
  return seconds > 0 ? { value, lifeMs: seconds * 1000 } : null;
}

/** `400 invalid_client`: the status and OAuth's own word, never the description. */
function oauthError(answer: Answered): string {
  const word = parseObject(answer.body)?.['error'];
  const known = typeof word === 'string' && /^[a-z_]{1,40}$/.test(word) ? word : readErrorBody(answer).code;
  return known === null ? String(answer.status) : `${answer.status} ${known}`;
}

function closed(): Outcome {
  return { kind: 'unanswered', reason: 'closed', sent: false, error: new Error('closed') };
}
