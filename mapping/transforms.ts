import type { Outcome, Transform } from './mapping.ts';
import { addressFault } from './address.ts';
import { fromFileTime, fromGeneralizedTime } from './dates.ts';
import type { ReadTime } from './dates.ts';
import { fault } from './fault.ts';
import { toE164 } from './phone.ts';
import { compileLookup } from './lookup.ts';
import { didYouMean } from './suggest.ts';
import { isBlank, parseBoolean, slice, titleCase } from './text.ts';

/** The phone transform, which plain `phoneNumbers` values go through without being asked. */
export const e164: Transform = (value, { context }) => {
  const number = toE164(String(value), context.defaultRegion);
  if (number !== null) return { value: number };
  const hint = context.defaultRegion === null ? ' (numbers without a country code need defaultRegion)' : '';
  return { invalid: `is not a valid phone number${hint}` };
};

/** Transforms without arguments, by the name they have in a mapping file. */
const PLAIN: Record<string, Transform> = {
  trim: text((value) => value.trim()),
  lower: text((value) => value.toLowerCase()),
  upper: text((value) => value.toUpperCase()),
  titleCase: text(titleCase),
  e164,
  email: (value) => {
    const wrong = addressFault(String(value));
    return wrong === null ? { value } : { invalid: wrong };
  },
  boolean: (value) => orInvalid(parseBoolean(String(value)), 'is neither TRUE nor FALSE'),
  number: (value) => {
    const number = isBlank(String(value)) ? NaN : Number(value);
    return Number.isFinite(number) ? { value: number } : { invalid: 'is not a number' };
  },
  fileTimeToDate: time(fromFileTime, 'date'),
  fileTimeToDateTime: time(fromFileTime, 'dateTime'),
  generalizedTimeToDate: time(fromGeneralizedTime, 'date'),
  generalizedTimeToDateTime: time(fromGeneralizedTime, 'dateTime'),
};

/** Transforms with an argument, which is checked when the mapping is compiled. */
const WITH_ARGUMENT: Record<string, (argument: unknown, where: string) => Transform> = {
  before: (argument, where) => {
    const mark = nonEmpty(argument, where);
    return text((value) => (value.includes(mark) ? value.slice(0, value.indexOf(mark)) : value));
  },
  after: (argument, where) => {
    const mark = nonEmpty(argument, where);
    return text((value) => (value.includes(mark) ? value.slice(value.indexOf(mark) + mark.length) : value));
  },
  replace: (argument, where) => {
    const { text: from, with: to } = members(argument, where, ['text', 'with']);
    const mark = nonEmpty(from, `${where}.text`);
    if (typeof to !== 'string') fault(`${where}.with`, 'must be a text, which may be empty.');
    return text((value) => value.replaceAll(mark, () => to));
  },
  substring: (argument, where) => {
    const { start, length } = members(argument, where, ['start', 'length']);
    const from = whole(start, `${where}.start`, 0);
    const count = length === undefined ? Infinity : whole(length, `${where}.length`, 1);
    return text((value) => slice(value, from, count));
  },
  truncate: (argument, where) => {
    const longest = whole(argument, where, 1);
    return text((value) => slice(value, 0, longest));
  },
  maxLength: (argument, where) => {
    const longest = whole(argument, where, 1);
    return (value) =>
      [...String(value)].length > longest ? { invalid: `has more than ${longest} characters` } : { value };
  },
  differsFrom: (argument, where) => {
    if (argument !== 'userName') fault(where, 'must be userName, the only value that others are compared with.');
    return (value, { userName }) => ({ value: String(value).trim().toLowerCase() === userName ? null : value });
  },
};

const NAMES = [...Object.keys(PLAIN), 'lookup', ...Object.keys(WITH_ARGUMENT)];

/** Reads one element of `transform`: a name, or an object such as `{ truncate: 64 }`. */
export function compileTransform(source: unknown, where: string): Transform {
  if (typeof source === 'string') return plainTransform(source, where);
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    fault(where, 'must be the name of a transform, such as lower, or an object such as { truncate: 64 }.');
  }
  if ('lookup' in source) return compileLookup(source, where);
  const [entry, ...more]: [string, unknown][] = Object.entries(source);
  if (entry === undefined || more.length > 0) fault(where, 'must hold exactly one transform.');
  const [name, argument] = entry;
  if (Object.hasOwn(PLAIN, name)) fault(where, `takes no argument: write just ${name}.`);
  if (!Object.hasOwn(WITH_ARGUMENT, name))
    fault(where, `names an unknown transform "${name}"${didYouMean(name, NAMES)}`);
  return WITH_ARGUMENT[name]!(argument, `${where}.${name}`);
}

function plainTransform(name: string, where: string): Transform {
  if (Object.hasOwn(PLAIN, name)) return PLAIN[name]!;
  if (name === 'lookup' || Object.hasOwn(WITH_ARGUMENT, name)) {
    fault(where, `needs an argument: write { ${name}: … }.`);
  }
  fault(where, `names an unknown transform "${name}"${didYouMean(name, NAMES)}`);
}

function text(change: (value: string) => string): Transform {
  return (value) => ({ value: change(String(value)) });
}

function time(read: (text: string) => ReadTime, form: 'date' | 'dateTime'): Transform {
  return (value) => {
    const moment = read(String(value));
    if (moment === 'never') return { value: null };
    if (moment === null) return { invalid: 'is not a time of the kind its transform reads' };
    return { value: form === 'date' ? moment.toISOString().slice(0, 10) : moment.toISOString() };
  };
}

function orInvalid(value: boolean | null, invalid: string): Outcome {
  return value === null ? { invalid } : { value };
}

function nonEmpty(argument: unknown, where: string): string {
  if (typeof argument !== 'string' || argument === '') fault(where, 'must be a text of at least one character.');
  return argument;
}

function whole(argument: unknown, where: string, least: number): number {
  if (!Number.isSafeInteger(argument) || Number(argument) < least) {
    fault(where, `must be a whole number from ${least}.`);
  }
  return Number(argument);
}

function members(argument: unknown, where: string, names: string[]): Record<string, unknown> {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) {
    fault(where, `must be an object with ${names.join(' and ')}.`);
  }
  const unknown = Object.keys(argument).find((key) => !names.includes(key));
  if (unknown !== undefined) fault(`${where}.${unknown}`, `is unknown${didYouMean(unknown, names)}`);
  return argument as Record<string, unknown>;
}
