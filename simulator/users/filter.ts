import { scimRefusal } from '../refusal.ts';
import { parseComparisons } from './comparison.ts';
import { CORE, ENTERPRISE, PURECLOUD, splitSchema, type UserSchema } from './schema.ts';

/** Attributes a user list can be filtered by, besides `id` and `active`. */
export type KeyAttribute =
  'userName' | 'email' | 'manager' | 'division' | 'externalId' | 'employeeNumber' | 'externalIds';

export type UserFilter =
  { by: 'active'; active: boolean } | { by: 'id'; id: string } | { by: 'key'; attribute: KeyAttribute; value: string };

const SIMPLE = new Map<string, { attribute: KeyAttribute | 'id' | 'active'; schema: UserSchema }>([
  ['id', { attribute: 'id', schema: CORE }],
  ['username', { attribute: 'userName', schema: CORE }],
  ['email', { attribute: 'email', schema: CORE }],
  ['externalid', { attribute: 'externalId', schema: CORE }],
  ['active', { attribute: 'active', schema: CORE }],
  ['manager', { attribute: 'manager', schema: ENTERPRISE }],
  ['division', { attribute: 'division', schema: ENTERPRISE }],
  ['employeenumber', { attribute: 'employeeNumber', schema: ENTERPRISE }],
]);

const COMPLEX = new RegExp(`^\\s*${PURECLOUD.replaceAll('.', '\\.')}:externalIds\\[(.*)\\]\\s*$`, 'is');

/** Logins and addresses compare ignoring case; everything else exactly. */
export function searchKey(attribute: KeyAttribute, value: string): string {
  const folded = attribute === 'userName' || attribute === 'email' ? value.toLowerCase() : value;
  return `${attribute}\n${folded}`;
}

export function externalIdKey(authority: string, value: string): string {
  return `${authority}\n${value}`;
}

/**
 * Reads a user filter. Only `eq` exists, on the attributes listed above (those of the enterprise extension bare or
 * with their URN), and the one complex filter on authority and value of `externalIds`. Anything else is invalidFilter.
 */
export function parseUserFilter(text: string): UserFilter {
  const complex = COMPLEX.exec(text);
  if (complex !== null) return externalIdsFilter(complex[1]!, text);
  const comparisons = parseComparisons(text);
  const only = comparisons?.length === 1 ? comparisons[0] : undefined;
  const split = only === undefined ? null : splitSchema(only.name);
  const known = split === null ? undefined : SIMPLE.get(split.rest.toLowerCase());
  if (only === undefined || split === null || known === undefined) throw invalidFilter(text);
  if (/^urn:/i.test(only.name) && split.schema !== known.schema) throw invalidFilter(text);
  return simpleFilter(known.attribute, only.value, text);
}

function simpleFilter(attribute: KeyAttribute | 'id' | 'active', value: string, text: string): UserFilter {
  if (attribute === 'id') return { by: 'id', id: value };
  if (attribute !== 'active') return { by: 'key', attribute, value };
  const folded = value.toLowerCase();
  if (folded !== 'true' && folded !== 'false') throw invalidFilter(text);
  return { by: 'active', active: folded === 'true' };
}

function externalIdsFilter(inner: string, text: string): UserFilter {
  const comparisons = parseComparisons(inner) ?? [];
  const authority = comparisons.find(({ name }) => name.toLowerCase() === 'authority');
  const value = comparisons.find(({ name }) => name.toLowerCase() === 'value');
  if (comparisons.length !== 2 || authority === undefined || value === undefined) throw invalidFilter(text);
  return { by: 'key', attribute: 'externalIds', value: externalIdKey(authority.value, value.value) };
}

function invalidFilter(text: string): Error {
  return scimRefusal(400, 'invalidFilter', `The filter "${text}" is not supported.`);
}
