import { expect, test } from 'vitest';
import type { Answered, HttpHeaders } from './exchange.ts';
import { allowanceOf, retryAfterSeconds, waitAskedFor } from './rate-limit.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function answer(status: number, headers: HttpHeaders, body = ''): Answered {
  return { kind: 'answered', status, headers, body: Buffer.from(body) };
}

test.each([
  ['42', 42],
  ['1.5', 1.5],
  ['0', 0],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['', null],
])('Retry-After %j means %j seconds', (text, seconds) => {
  expect(retryAfterSeconds({ 'retry-after': text }, NOW)).toBe(seconds);
});

test('the headers of the allowance are read, and nonsense in them is nothing', () => {
  const headers = { 'inin-ratelimit-allowed': '300', 'inin-ratelimit-count': '17', 'inin-ratelimit-reset': 'x' };
  expect(allowanceOf(answer(200, { ...headers, 'retry-after': '9' }), NOW)).toEqual({
    allowed: 300,
    count: 17,
    resetSeconds: null,
    retryAfterSeconds: null,
  });
});

test.each([
  ['the header', { 'retry-after': '42' }, '', 42],
  ['the message', { 'inin-ratelimit-reset': '7' }, '{"message":"Retry the request in [33] seconds"}', 33],
  ['the end of the window', { 'inin-ratelimit-reset': '7' }, '', 7],
  ['nothing', {}, '', 10],
])('a 429 is waited out by %s', (_name, headers, body, seconds) => {
  const refused = answer(429, headers, body);
  expect(allowanceOf(refused, NOW).retryAfterSeconds).toBe(seconds);
  const waits = Array.from({ length: 50 }, () => waitAskedFor(refused, NOW) ?? 0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(seconds * 1000 + 250);
  expect(Math.max(...waits)).toBeLessThanOrEqual(seconds * 1000 + 1250);
  expect(new Set(waits).size).toBeGreaterThan(1);
});

test('a date in another century holds nobody up for more than an hour', () => {
  expect(waitAskedFor(answer(429, { 'retry-after': 'Fri, 01 Mar 2126 12:00:00 GMT' }), NOW)).toBe(3_600_000);
});

test('a 503 is waited out only when it says how long', () => {
  expect(waitAskedFor(answer(503, {}), NOW)).toBeUndefined();
  expect(waitAskedFor(answer(503, { 'retry-after': '2' }), NOW)).toBeGreaterThanOrEqual(2_250);
});
