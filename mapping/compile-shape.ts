import {
  attributeExpression,
  compileExpression,
  constantExpression,
  referenceAttributes,
  SOURCE_KEYS,
} from './compile-expression.ts';
import { fault } from './fault.ts';
import type { Members, Policy, Shape } from './mapping.ts';
import { didYouMean, nearest } from './suggest.ts';

/** Where a plain text is a constant instead of a directory attribute: these name an item, they do not describe a person. */
const CONSTANT_MEMBERS = ['type', 'primary', 'display', 'authority'];
const WRAPPERS = ['items', 'object'];
const POLICY: { [Key in keyof Policy]: readonly Policy[Key][] } = {
  apply: ['always', 'createOnly'],
  onInvalid: ['drop', 'park'],
  onEmpty: ['clear', 'keep'],
  patch: ['items', 'whole'],
};
const POLICY_KEYS = Object.keys(POLICY);
const EXPRESSION_KEYS = [...SOURCE_KEYS, ...WRAPPERS, 'transform', 'reference', ...POLICY_KEYS];
const MEMBER_NAME = /^[A-Za-z$][\w$-]*$/;

type Source = Record<string, unknown>;

/** The right side of one mapping line, its policy taken off: a shape, or a list whose items the caller reads. */
export interface RightSide {
  value: { shape: Shape } | { items: Source[] };
  policy: Partial<Policy>;
}

/** Reads a right side. `inItem`: plain texts of {@link CONSTANT_MEMBERS} are constants (see {@link compileMembers}). */
export function compileRightSide(source: unknown, where: string, inItem = false): RightSide {
  if (!isObject(source) || !isExpression(source, where)) return { value: unwrapped(source, where, inItem), policy: {} };
  const unknown = Object.keys(source).find((key) => !EXPRESSION_KEYS.includes(key));
  if (unknown !== undefined) fault(`${where}.${unknown}`, `is unknown${didYouMean(unknown, EXPRESSION_KEYS)}`);
  const kinds = [...SOURCE_KEYS, ...WRAPPERS].filter((key) => key in source);
  if (kinds.length !== 1) fault(where, `needs exactly one of ${[...SOURCE_KEYS, ...WRAPPERS].join(', ')}.`);
  const policy = readPolicy(source, where);
  if (!('items' in source || 'object' in source)) return { value: { shape: expressionShape(source, where) }, policy };
  const stray = ['transform', 'reference'].find((key) => key in source);
  if (stray !== undefined) fault(`${where}.${stray}`, 'belongs to the single values below, not to the whole.');
  return { value: readWrapper(source, where, inItem), policy };
}

function readWrapper(source: Source, where: string, inItem: boolean): RightSide['value'] {
  if ('object' in source) {
    if (!isObject(source['object'])) fault(`${where}.object`, 'must be an object of sub-attributes.');
    return { shape: { kind: 'object', members: compileMembers(source['object'], `${where}.object`, inItem) } };
  }
  if (!Array.isArray(source['items'])) fault(`${where}.items`, 'must be a list.');
  return unwrapped(source['items'], `${where}.items`, inItem);
}

function unwrapped(source: unknown, where: string, inItem: boolean): RightSide['value'] {
  if (!Array.isArray(source)) return { shape: compileShape(source, where, inItem) };
  if (source.length === 0) fault(where, 'is an empty list: remove it, or give it an item.');
  const items = source.filter((element): element is Source => isObject(element) && !isExpression(element, where));
  if (items.length === source.length) return { items };
  if (items.length > 0) fault(where, 'mixes items with plain values: make every element an item such as { value: … }.');
  return { shape: compileShape(source, where) };
}

/** Reads a value below the top: an attribute, a constant, a list, an object or an expression. */
export function compileShape(source: unknown, where: string, inItem = false): Shape {
  if (source === null || source === undefined) fault(where, 'has no value: name a directory attribute, or remove it.');
  if (typeof source === 'string') return { kind: 'scalar', expression: attributeExpression(source, where) };
  if (typeof source === 'boolean' || Number.isFinite(source)) {
    return { kind: 'scalar', expression: constantExpression(source as boolean | number) };
  }
  if (Array.isArray(source)) {
    const elements = source.map((element: unknown, index) => compileShape(element, `${where}[${index}]`));
    return { kind: 'list', elements };
  }
  if (!isObject(source)) fault(where, 'must be a directory attribute, a constant, a list or an object.');
  if (!isExpression(source, where)) return { kind: 'object', members: compileMembers(source, where, inItem) };
  const misplaced = Object.keys(source).find((key) => ![...SOURCE_KEYS, 'transform'].includes(key));
  if (misplaced === undefined) return { kind: 'scalar', expression: compileExpression(source, where) };
  if (POLICY_KEYS.includes(misplaced)) {
    fault(
      `${where}.${misplaced}`,
      'belongs to a whole attribute: give the item a line of its own, such as phoneNumbers[work].value.',
    );
  }
  fault(`${where}.${misplaced}`, `is not possible here${didYouMean(misplaced, [...SOURCE_KEYS, 'transform'])}`);
}

/** Reads the members of an item (where some plain texts are constants) or of a nested object. */
export function compileMembers(source: Source, where: string, inItem = false): Members {
  const entries = Object.entries(source).map(([name, value]): [string, Shape] => {
    if (!MEMBER_NAME.test(name)) fault(`${where}.${name}`, 'is no name of a sub-attribute.');
    return [name, compileMember(name, value, `${where}.${name}`, inItem)];
  });
  if (entries.length === 0) fault(where, 'is an empty object: remove it, or give it a sub-attribute.');
  return Object.fromEntries(entries);
}

export function compileMember(name: string, value: unknown, where: string, inItem: boolean): Shape {
  const constant = inItem && typeof value === 'string' && CONSTANT_MEMBERS.includes(name) && !value.startsWith('$');
  return constant ? { kind: 'scalar', expression: constantExpression(value) } : compileShape(value, where);
}

function expressionShape(source: Source, where: string): Shape {
  const expression = compileExpression(source, where);
  if (!('reference' in source)) return { kind: 'scalar', expression };
  if (source['reference'] !== true) fault(`${where}.reference`, 'must be true, or absent.');
  return { kind: 'reference', attributes: referenceAttributes(expression, where) };
}

function readPolicy(source: Source, where: string): Partial<Policy> {
  const policy: Record<string, unknown> = {};
  for (const key of POLICY_KEYS.filter((name) => name in source)) {
    const known: readonly unknown[] = POLICY[key as keyof Policy];
    if (!known.includes(source[key])) fault(`${where}.${key}`, `must be ${known.join(' or ')}.`);
    policy[key] = source[key];
  }
  return policy;
}

/** An object with a key of an expression is one, unless none of its keys says where the value comes from. */
function isExpression(source: Source, where: string): boolean {
  const keys = Object.keys(source);
  if (keys.some((key) => SOURCE_KEYS.includes(key) || WRAPPERS.includes(key))) return true;
  const option = keys.find((key) => key === 'transform' || key === 'reference' || POLICY_KEYS.includes(key));
  if (option === undefined) return false;
  const other = keys.find((key) => !EXPRESSION_KEYS.includes(key));
  const meant = other === undefined ? null : nearest(other, SOURCE_KEYS);
  fault(
    where,
    meant === null
      ? `has ${option} but no source: add from, template or constant.`
      : `has ${option} but no source; did you mean "${meant}" instead of "${other}"?`,
  );
}

export function isObject(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
