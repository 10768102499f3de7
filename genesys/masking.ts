import { isObject } from './error-body.ts';

/** Longest part of a service's message that an error text repeats. */
const LONGEST_DETAIL = 200;
/** Longest part that is looked at. */
const LONGEST_READ = 2_000;
const MASK = '***';

/** Keys whose strings are words of SCIM, not values of a person. */
const WORDS_OF_SCIM = new Set(['schemas', 'op', 'path', 'type', 'authority']);

/**
 * A service's message without the values in it: those that were sent, quoted ones, e-mail addresses and phone numbers.
 * At most 200 characters, on one line.
 */
export function maskValues(message: string, sent: readonly string[]): string {
  const masked = maskSent(beginningOf(message), sent)
    .replaceAll(/"[^"]*(?:"|$)/g, `"${MASK}"`)
    .replaceAll(/“[^”]*(?:”|$)/g, `"${MASK}"`)
    .replaceAll(/`[^`]*(?:`|$)/g, `"${MASK}"`)
    .replaceAll(/(?<!\w)['‘].*?(?:['’](?!\w)|$)/gs, `"${MASK}"`)
    .replaceAll(/[^\s"'<>()[\]{},;:=]+@[^\s"'<>()[\]{},;]+/g, MASK)
    .replaceAll(/\+?\d[\d\s()./-]{4,}\d/g, MASK)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return masked.length <= LONGEST_DETAIL ? masked : `${masked.slice(0, LONGEST_DETAIL - 1)}…`;
}

/** Bounds the work on a hostile message. A word cut in two is dropped, since a part of a value would not be recognised. */
function beginningOf(message: string): string {
  return message.length <= LONGEST_READ ? message : message.slice(0, LONGEST_READ).replace(/\S*$/, '');
}

/** Every string value in a request body, words of SCIM left out. */
export function valuesIn(body: unknown): string[] {
  if (typeof body === 'string') return [body];
  if (Array.isArray(body)) return body.flatMap((item: unknown) => valuesIn(item));
  if (!isObject(body)) return [];
  return Object.entries(body).flatMap(([key, value]) => (WORDS_OF_SCIM.has(key) ? [] : valuesIn(value)));
}

/** Longest first, so that a value inside another does not leave the rest of it. */
function maskSent(message: string, sent: readonly string[]): string {
  const values = [...new Set(sent)].filter(isTelling).sort((a, b) => b.length - a.length);
  if (values.length === 0) return message;
  const any = values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
  return message.replaceAll(new RegExp(any, 'gi'), MASK);
}

/** One or two Latin letters are no clue to anybody, and stand in many words; two Chinese characters are a name. */
function isTelling(value: string): boolean {
  return value.trim().length > 2 || /[^ -~]/.test(value);
}
