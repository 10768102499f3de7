import { invalidValue } from '../refusal.ts';

const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
const E164 = /^\+[1-9]\d{6,14}$/;
const TEL_URI = /^tel:(\+[\d().-]+)(?:;ext=[\d().-]{1,20})?$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether a text is an e-mail address the way a login must be: one, plain, local part of at most 64 characters. */
export function isAddress(text: string): boolean {
  const local = text.slice(0, text.lastIndexOf('@'));
  return text.length <= 254 && ADDRESS.test(text) && !/^\.|\.\.|\.$/.test(local);
}

/** Whether a text is a phone number the service takes: E.164, or a global `tel:` URI with an optional extension. */
export function isPhoneNumber(text: string): boolean {
  const uri = TEL_URI.exec(text);
  return E164.test(uri === null ? text : uri[1]!.replace(/[().-]/g, ''));
}

export function hasExtension(phoneNumber: string): boolean {
  return phoneNumber.includes(';ext=');
}

/** The date of an ISO 8601 date or time; the service keeps only that. */
export function dateOnly(text: string): string {
  const match = DATE.exec(text);
  if (match === null) throw invalidValue('dateHire must be an ISO 8601 date.');
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw invalidValue('dateHire is no real date.');
  return text.slice(0, 10);
}
