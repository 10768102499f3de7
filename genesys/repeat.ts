import { pause } from './call.ts';
import type { Outcome } from './exchange.ts';
import { waitAskedFor } from './rate-limit.ts';

export interface RepeatLimits {
  /** For one try. */
  timeoutMs: number;
  /** For all tries and the waits between them. */
  budgetMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Sends what may be sent twice (a read, the token request) until the outcome is one that waiting does not change, or the
 * budget is used up; then the last outcome counts. Waits as a refusal asks, else with backoff and jitter.
 */
export async function repeatPassing(
  send: (timeoutMs: number) => Promise<Outcome>,
  limits: RepeatLimits,
): Promise<Outcome> {
  const deadline = Date.now() + limits.budgetMs;
  for (let tries = 0; ; tries += 1) {
    const left = Math.max(1, deadline - Date.now());
    const outcome = await send(Math.min(limits.timeoutMs, left));
    if (!isPassing(outcome)) return outcome;
    const wait = (outcome.kind === 'answered' ? waitAskedFor(outcome) : undefined) ?? backoffMs(tries);
    if (Date.now() + wait >= deadline) return outcome;
    await pause(wait, limits.signal);
  }
}

/** A refused connection, an unknown host or a bad certificate does not pass: those are told at once. */
function isPassing(outcome: Outcome): boolean {
  if (outcome.kind === 'unanswered') return outcome.reason === 'timeout' || outcome.reason === 'lost';
  const { status } = outcome;
  return status === 429 || status === 408 || (status >= 500 && status !== 501 && status !== 505);
}

/** 0.25 s doubling to 4 s, of which a random half is left out so that workers do not return together. */
function backoffMs(tries: number): number {
  const full = Math.min(250 * 2 ** tries, 4_000);
  return full / 2 + Math.random() * (full / 2);
}
