import type { Clock } from './clock.ts';
import type { SimulatorOptions } from './options.ts';

/** What the `inin-ratelimit-*` headers tell. */
export interface RateState {
  count: number;
  allowed: number;
  /** Whole seconds to the end of the window, at least 1. */
  reset: number;
  /** Whether this request is one too many. */
  exceeded: boolean;
}

interface Window {
  end: number;
  count: number;
}

/** Counts requests in fixed windows that begin with a window's first request. Refused requests are not counted. */
export class RateWindows {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(options: SimulatorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Counts one request made with that token. */
  take(token: string): RateState {
    const now = this.#clock.now();
    const window = this.#windowOf(this.#options.rateLimitPer === 'token' ? token : '', now);
    const allowed = this.#options.requestsPerMinute;
    const exceeded = window.count >= allowed;
    if (!exceeded) window.count += 1;
    return { count: window.count, allowed, reset: Math.max(1, Math.ceil((window.end - now) / 1000)), exceeded };
  }

  clear(): void {
    this.#windows.clear();
  }

  #windowOf(key: string, now: number): Window {
    const present = this.#windows.get(key);
    if (present !== undefined && present.end > now) return present;
    const fresh = { end: now + this.#options.rateWindowSeconds * 1000, count: 0 };
    this.#windows.set(key, fresh);
    return fresh;
  }
}
