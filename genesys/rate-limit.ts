import type { Answered, HttpHeaders } from './exchange.ts';
import type { SeenAllowance } from './pace.ts';

/** Nobody waits longer than this for one refusal, whatever the answer says. */
const LONGEST_WAIT_MS = 3_600_000;
/** A 429 that says nothing about time. */
const DEFAULT_WAIT_SECONDS = 10;

/** First value of a header; null when absent. */
export function headerOf(headers: HttpHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** What an answer says about the allowance. */
export function allowanceOf(answer: Answered, nowMs: number): SeenAllowance {
  return {
    allowed: numberOf(answer.headers, 'inin-ratelimit-allowed'),
    count: numberOf(answer.headers, 'inin-ratelimit-count'),
    resetSeconds: numberOf(answer.headers, 'inin-ratelimit-reset'),
    retryAfterSeconds: answer.status === 429 ? refusedSeconds(answer, nowMs) : null,
  };
}

/**
 * Milliseconds to wait before the next try: `Retry-After` plus up to 1.25 s, because callers that come back all at once,
 * or to the second, are refused again. Undefined when the answer names no time and is no 429.
 */
export function waitAskedFor(answer: Answered, nowMs: number = Date.now()): number | undefined {
  const seconds = answer.status === 429 ? refusedSeconds(answer, nowMs) : retryAfterSeconds(answer.headers, nowMs);
  if (seconds === null) return undefined;
  return Math.min(Math.round(seconds * 1000 + 250 + Math.random() * 1000), LONGEST_WAIT_MS);
}

/** `Retry-After` in seconds, of its two forms (RFC 9110, 10.2.3): a number or a date; null when absent or neither. */
export function retryAfterSeconds(headers: HttpHeaders, nowMs: number): number | null {
  const text = headerOf(headers, 'retry-after')?.trim();
  if (text === undefined || text === '') return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  // `Date.parse` takes almost any number for a year.
  const time = /^[A-Z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : Math.max(0, (time - nowMs) / 1000);
}

function refusedSeconds(answer: Answered, nowMs: number): number {
  const told = retryAfterSeconds(answer.headers, nowMs) ?? secondsInMessage(answer.body);
  return told ?? numberOf(answer.headers, 'inin-ratelimit-reset') ?? DEFAULT_WAIT_SECONDS;
}

/** The service repeats the header in its message: `Retry the request in [42] seconds`. */
function secondsInMessage(body: Buffer): number | null {
  const seconds = /Retry the request in \[(\d{1,5})\] seconds/.exec(body.toString('utf8'))?.[1];
  return seconds === undefined ? null : Number(seconds);
}

function numberOf(headers: HttpHeaders, name: string): number | null {
  const text = headerOf(headers, name)?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
