import { ENTERPRISE_USER, formatPath } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import { referenceAttributes } from './compile-expression.ts';
import { compileMembers, compileRightSide, isObject } from './compile-shape.ts';
import { fault, MappingFault, mappingError } from './fault.ts';
import type { Expression, Mapping, Members, Rule, Shape } from './mapping.ts';
import { attributesOf, referencesOf } from './read-attributes.ts';
import { RuleCollector } from './rule-collector.ts';
import { isCore, isSchemaUrn, readPath, SHORT_NAMES } from './scim-names.ts';
import { nearest } from './suggest.ts';
import { withoutControls } from './text.ts';
import { e164 } from './transforms.ts';

/** What is gathered while the lines of a mapping file are read. */
interface Draft {
  rules: RuleCollector;
  active: Expression | null;
}

/**
 * Compiles a mapping file's parsed content: SCIM attributes or paths on the left; on the right a directory attribute, a
 * constant, a list of items, a nested object or an expression (docs: mapping file).
 * @param file how messages name the mapping.
 * @throws ConfigError `mapping.invalid`: one sentence with the path in the file, the cause and a suggestion.
 */
export function compileMapping(source: unknown, file = 'the mapping'): Mapping {
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof MappingFault) throw mappingError(file, error.message);
    throw error;
  }
}

function compile(source: unknown): Mapping {
  if (!isObject(source)) fault('the top level', 'must be an object with SCIM attributes on the left.');
  refuseControls(source, '');
  const draft: Draft = { rules: new RuleCollector(), active: null };
  for (const [key, right] of Object.entries(source)) if (key !== 'schemas') readLine(draft, key, right, key);
  const rules = draft.rules.finish();
  const paths = rules.map((rule) => formatPath(rule.kind === 'item' ? rule.list : rule.path));
  const userName = singleValue(rules, 'userName');
  if (userName === null) fault('userName', 'is missing: every user needs a login, such as userName: mail.');
  singleValue(rules, 'displayName');
  return {
    rules,
    userName,
    active: draft.active,
    schemas: readSchemas(source['schemas']),
    attributes: attributesOf(rules, draft.active),
    references: referencesOf(rules),
    ownsAttributes: [...new Set(paths)].sort(),
  };
}

/** How an attribute that is part of every user is mapped; null when it is not. */
function singleValue(rules: readonly Rule[], name: string): Expression | null {
  const rule = rules.find((candidate) => isCore(candidate, name));
  if (rule === undefined) return null;
  if (rule.kind === 'item' || rule.shape.kind !== 'scalar') fault(name, 'must be a single value, such as mail.');
  return rule.shape.expression;
}

function readLine(draft: Draft, key: string, right: unknown, where: string): void {
  if (isSchemaUrn(key)) {
    if (!isObject(right)) fault(where, 'names a whole extension, so its attributes must stand below it.');
    for (const [name, value] of Object.entries(right)) readLine(draft, `${key}:${name}`, value, `${where}.${name}`);
    return;
  }
  const path = readPath(key);
  if (path === null) fault(where, `is no SCIM attribute or path${suggestion(key)}`);
  if (path.schema === null && path.attribute === 'active') {
    if (draft.active !== null) fault(where, 'maps active again: keep one of them.');
    draft.active = readActive(path, right, where);
  } else if (path.selector !== null) readSelected(draft.rules, path, path.selector, right, where);
  else readAttribute(draft.rules, path, right, where);
}

function readActive(path: AttributePath, right: unknown, where: string): Expression {
  const { value, policy } = compileRightSide(right, where);
  const single = 'shape' in value && value.shape.kind === 'scalar' ? value.shape.expression : null;
  if (single === null || path.selector !== null || path.sub !== null)
    fault(where, 'must be one value, such as $enabled.');
  const option = Object.keys(policy)[0];
  if (option !== undefined)
    fault(`${where}.${option}`, 'is not possible: active follows the directory, and parks when unreadable.');
  return single;
}

function readSelected(
  rules: RuleCollector,
  path: AttributePath,
  selector: NonNullable<AttributePath['selector']>,
  right: unknown,
  where: string,
): void {
  const list = { ...path, selector: null, sub: null };
  const { value, policy } = compileRightSide(right, where, path.sub === null);
  if ('items' in value) fault(where, 'names one item on the left, so a list on the right is one too many.');
  if (policy.patch === 'whole') fault(`${where}.patch`, 'replaces a whole list, so the left side must name the list.');
  const members = selectedMembers(value.shape, path.sub);
  const rawValue = isObject(right) ? right['value'] : right;
  rules.addSelected(list, selector, impliedPhone(list, members, rawValue), policy, where);
}

/** `phoneNumbers[work]: telephoneNumber` means its `value`. */
function selectedMembers(shape: Shape, sub: string | null): Members {
  if (sub !== null) return { [sub]: shape };
  return shape.kind === 'object' ? shape.members : { value: shape };
}

function readAttribute(rules: RuleCollector, path: AttributePath, right: unknown, where: string): void {
  const { value, policy } = compileRightSide(right, where);
  const attribute = { ...path, sub: null };
  if ('items' in value) {
    if (path.sub !== null) fault(where, 'is a sub-attribute, so it takes no list of items.');
    const at = isObject(right) ? `${where}.items` : where;
    const items = value.items.map((item, index) => {
      const members = compileMembers(item, `${at}[${index}]`, true);
      return impliedPhone(attribute, members, item['value']);
    });
    if (policy.patch === 'whole') rules.addValue(attribute, listOfItems(items), policy, where);
    else items.forEach((members, index) => rules.addItem(attribute, members, policy, `${at}[${index}]`));
  } else if (policy.patch === 'whole' && (value.shape.kind !== 'list' || path.sub !== null)) {
    fault(`${where}.patch`, 'is about lists: of anything else the whole value is replaced anyway.');
  } else if (isManager(attribute)) rules.addValue(attribute, managerShape(value.shape, path.sub, where), policy, where);
  else if (path.sub === null) rules.addValue(attribute, value.shape, policy, where);
  else if (value.shape.kind === 'reference')
    fault(where, 'is a sub-attribute: name another person by the whole attribute.');
  else rules.addSub(attribute, path.sub, value.shape, policy, where);
}

function listOfItems(items: readonly Members[]): Shape {
  return { kind: 'list', elements: items.map((members) => ({ kind: 'object', members })) };
}

/** A plain phone attribute is sent as E.164; written as an expression it goes through the transforms it names. */
function impliedPhone(list: AttributePath, members: Members, source: unknown): Members {
  const value = members['value'];
  const plain = typeof source === 'string' && value?.kind === 'scalar';
  if (list.schema !== null || list.attribute !== 'phoneNumbers' || !plain) return members;
  return { ...members, value: { kind: 'scalar', expression: { ...value.expression, transforms: [e164] } } };
}

function isManager(path: AttributePath): boolean {
  return path.schema === ENTERPRISE_USER && path.attribute === 'manager';
}

/** Whatever way it is spelled, the manager is a reference: only a Genesys id may stand there, and Rollcall fills it in. */
function managerShape(shape: Shape, sub: string | null, where: string): Shape {
  if (sub !== null && sub !== 'value')
    fault(where, 'cannot be mapped: of a manager only the person himself is written.');
  if (shape.kind === 'reference') return shape;
  const names = shape.kind === 'object' ? Object.keys(shape.members) : [];
  const inner = shape.kind === 'object' && names.length === 1 ? shape.members['value'] : shape;
  if (inner?.kind !== 'scalar') fault(where, 'must be one directory attribute with the manager’s DN, such as manager.');
  return { kind: 'reference', attributes: referenceAttributes(inner.expression, where) };
}

function readSchemas(source: unknown): string[] {
  if (source === undefined) return [];
  const urns = Array.isArray(source) ? source.filter((urn): urn is string => typeof urn === 'string') : [];
  if (!Array.isArray(source) || urns.length < source.length || !urns.every(isSchemaUrn)) {
    fault('schemas', 'must be a list of user schema URNs.');
  }
  return urns;
}

/** Constants reach Genesys and the state as they are, so what is cleaned out of values may not come in by the mapping. */
function refuseControls(source: unknown, where: string): void {
  if (typeof source === 'string' && withoutControls(source) !== source) {
    fault(where, 'contains a control character, such as a line break or NUL: remove it.');
  }
  if (typeof source !== 'object' || source === null) return;
  for (const [key, value] of Object.entries(source)) {
    refuseControls(key, `a key below ${where === '' ? 'the top level' : where}`);
    refuseControls(value, where === '' ? key : Array.isArray(source) ? `${where}[${key}]` : `${where}.${key}`);
  }
}

function suggestion(key: string): string {
  const known = nearest(key, SHORT_NAMES);
  return known === null ? '; write such as title, or a full path with its URN.' : `; did you mean "${known}"?`;
}
