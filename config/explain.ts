import type { z } from 'zod';
import { didYouMean, nearest } from '../mapping/suggest.ts';
import { DURATION, DURATION_FORM } from './durations.ts';
import { fail, isObject, keyOf } from './fault.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** Ends loading with the sentence for the first thing the schema finds wrong. `schema` is its JSON form, for suggestions. */
export function failOn(issue: Issue, config: unknown, schema: unknown): never {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const key = path.reduce<string>((parent, part) => keyOf(parent, part), '');
  if (issue.code === 'unrecognized_keys') failOnUnknown(issue.keys, path, key, schema);
  const value = path.reduce<unknown>(member, config);
  if (value === undefined) fail(key, `is missing: it must be ${expectation(issue)}.`);
  const isDuration = typeof value === 'number' && member(schemaAt(schema, path), 'pattern') === DURATION.source;
  fail(key === '' ? 'the top level' : key, isDuration ? DURATION_FORM : complaint(issue, value));
}

function failOnUnknown(unknown: string[], path: (string | number)[], key: string, schema: unknown): never {
  const [name = ''] = unknown;
  const known = keysAt(schema, path);
  const elsewhere = nearest(name, known) === null ? placeOf(name, schema, '') : null;
  const remedy = elsewhere === null ? didYouMean(name, known) : `; it belongs to ${elsewhere}.`;
  fail(keyOf(key, name), `is unknown${remedy}`);
}

function complaint(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      const quotes = issue.expected === 'string' && typeof value !== 'object' ? ': put it in quotes' : '';
      return `must be ${expectation(issue)}${quotes}.`;
    }
    case 'invalid_value': {
      const meant = typeof value === 'string' ? nearest(value, issue.values.map(String)) : null;
      return `must be ${expectation(issue)}${meant === null ? '.' : `; did you mean "${meant}"?`}`;
    }
    case 'too_small':
    case 'too_big':
      return bound(issue);
    default:
      return issue.message;
  }
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  return 'given';
}

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const number = issue.origin === 'number' || issue.origin === 'int';
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}.`;
  if (number) return `must be at least ${issue.minimum}.`;
  return issue.origin === 'array' ? 'needs at least one element.' : 'must not be empty.';
}

function keysAt(schema: unknown, path: readonly (string | number)[]): string[] {
  const properties = member(schemaAt(schema, path), 'properties');
  return isObject(properties) ? Object.keys(properties) : [];
}

function schemaAt(schema: unknown, path: readonly (string | number)[]): unknown {
  let at = schema;
  for (const part of path) at = typeof part === 'number' ? member(at, 'items') : member(member(at, 'properties'), part);
  return at;
}

/** Where a key stands that was written in the wrong place: the shallowest object that has it; null when none does. */
function placeOf(name: string, schema: unknown, at: string): string | null {
  const properties = member(schema, 'properties');
  if (!isObject(properties)) return null;
  if (at !== '' && Object.hasOwn(properties, name)) return at;
  for (const [key, inner] of Object.entries(properties)) {
    const items = member(inner, 'items');
    const found = placeOf(name, items ?? inner, items === undefined ? keyOf(at, key) : `${keyOf(at, key)}[]`);
    if (found !== null) return found;
  }
  return null;
}

function member(holder: unknown, name: string | number): unknown {
  if (Array.isArray(holder)) return typeof name === 'number' ? (holder[name] as unknown) : undefined;
  return isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}
