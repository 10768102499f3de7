/** What an answer told about the allowance of the OAuth client: `inin-ratelimit-*`, and `Retry-After` of a 429. */
export interface SeenAllowance {
  /** Requests allowed in the current window. */
  allowed: number | null;
  /** Requests counted in the current window. */
  count: number | null;
  /** Seconds to the end of the window. */
  resetSeconds: number | null;
  /** Only of a 429: seconds in which every request is refused. */
  retryAfterSeconds: number | null;
}

/** The allowance that all workers of one OAuth client share. */
export interface Pace {
  /**
   * Takes one request's place; waits up to 5 s itself, a longer wait rejects with `LaterError`: then nothing was sent. An
   * urgent one does not wait behind others; the allowance is the same.
   */
  take(signal?: AbortSignal, how?: { urgent: boolean }): Promise<void>;
  /** Corrects the pace by what the service said. A failure here never costs the answer it came with. */
  observe(seen: SeenAllowance): Promise<void>;
}

/** No pace at all, for `check` and tests: a handful of requests. */
export const unpaced: Pace = {
  async take(signal) {
    signal?.throwIfAborted();
  },
  async observe() {},
};
