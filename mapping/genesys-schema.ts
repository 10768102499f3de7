import { ENTERPRISE_USER, formatPath, GENESYS_USER, GUIDE_USER } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';

import { fault, MappingFault, mappingError } from './fault.ts';
import type { ItemRule, Mapping, Rule } from './mapping.ts';
import { constantOf } from './rule-collector.ts';
import { isCore, SHORT_NAMES } from './scim-names.ts';
import { attributeHint } from './genesys-hints.ts';
import { didYouMean } from './suggest.ts';

// What the service's published SCIM schema has; nothing else is accepted, and whether unknown attributes are dropped or
// refused is not documented, so none is ever sent.
const SINGLE: Readonly<Record<string, readonly string[]>> = {
  core: ['userName', 'displayName', 'title', 'externalId'],
  [ENTERPRISE_USER]: ['division', 'department', 'employeeNumber', 'dateHire'],
  [GENESYS_USER]: [],
};

interface ListSchema {
  members: readonly string[];
  required: readonly string[];
  /** Values of `type`; such a list is told apart by type alone. */
  types?: readonly string[];
}

const NAMED_LEVEL: ListSchema = { members: ['name', 'proficiency'], required: ['name'] };
const PHONE_TYPES = [
  'work',
  'work2',
  'work3',
  'work4',
  'home',
  'mobile',
  'other',
  'microsoftteams',
  'zoomphone',
  'eightbyeight',
  'ringcentral',
];
const LISTS: Readonly<Record<string, Readonly<Record<string, ListSchema>>>> = {
  core: {
    // The service fills type `other` with the login itself.
    emails: { members: ['value', 'type', 'primary'], required: ['value'], types: ['work'] },
    phoneNumbers: { members: ['value', 'type', 'primary'], required: ['value'], types: PHONE_TYPES },
    roles: { members: ['value'], required: ['value'] },
  },
  [ENTERPRISE_USER]: {},
  [GENESYS_USER]: {
    routingSkills: NAMED_LEVEL,
    routingLanguages: NAMED_LEVEL,
    externalIds: { members: ['authority', 'value'], required: ['authority', 'value'] },
  },
};

/** The service keeps the SCIM `externalId` under such an authority and lets nobody else write it. */
const OWN_AUTHORITY = 'x-pc:scimv2:v1';
const HIGHEST_PROFICIENCY = 5;

/**
 * Refuses what Genesys Cloud's SCIM schema lacks.
 * @param file how messages name the mapping.
 * @throws ConfigError `mapping.invalid`: one sentence that names the path and what to write instead.
 */
export function checkGenesysSchema(mapping: Mapping, file = 'the mapping'): void {
  try {
    checkSchemas(mapping.schemas);
    for (const rule of mapping.rules) checkRule(rule);
    if (!mapping.rules.some((rule) => isCore(rule, 'displayName'))) {
      fault('displayName', 'is missing, and Genesys Cloud creates no user without it: add displayName: displayName.');
    }
  } catch (error) {
    if (error instanceof MappingFault) throw mappingError(file, error.message);
    throw error;
  }
}

function checkSchemas(urns: readonly string[]): void {
  for (const urn of urns) {
    if (urn.endsWith(':core:2.0:User') || urn in LISTS) continue;
    fault('schemas', `names ${urn}, which Genesys Cloud does not know: remove it.`);
  }
}

function checkRule(rule: Rule): void {
  const path = rule.kind === 'item' ? rule.list : rule.path;
  const where = formatPath(path);
  const lists = LISTS[path.schema ?? 'core'];
  const single = SINGLE[path.schema ?? 'core'];
  if (lists === undefined || single === undefined) unknownSchema(path, where);
  const list = Object.hasOwn(lists, path.attribute) ? lists[path.attribute] : undefined;
  if (list !== undefined) return checkItem(rule, list, where);
  const manager = path.schema === ENTERPRISE_USER && path.attribute === 'manager';
  if (!manager && !single.includes(path.attribute)) unknownAttribute(path, where);
  const shape = rule.kind === 'value' ? rule.shape.kind : 'list';
  if (!manager && shape !== 'scalar') fault(where, 'takes one value in Genesys Cloud, no list, object or reference.');
}

function unknownSchema(path: AttributePath, where: string): never {
  const hint = path.schema === GUIDE_USER ? attributeHint(path.attribute) : null;
  fault(where, `stands in an extension that Genesys Cloud does not know; ${hint ?? `its own is ${GENESYS_USER}.`}`);
}

function unknownAttribute(path: AttributePath, where: string): never {
  const known = path.schema === null ? SHORT_NAMES : namesOf(path.schema);
  const hint = attributeHint(path.attribute);
  fault(
    where,
    `is not in Genesys Cloud’s user schema${hint === null ? didYouMean(path.attribute, known) : `; ${hint}`}`,
  );
}

function namesOf(schema: string): string[] {
  const names = [...(SINGLE[schema] ?? []), ...Object.keys(LISTS[schema] ?? {})];
  return schema === ENTERPRISE_USER ? [...names, 'manager'] : names;
}

function checkItem(rule: Rule, schema: ListSchema, where: string): void {
  if (rule.kind === 'value' && rule.patchAs !== null) {
    fault(`${where}.patch`, 'would replace what others added to the list in Genesys Cloud: remove it.');
  }
  if (rule.kind === 'value') {
    fault(where, `is a list of items in Genesys Cloud: write items with ${schema.members.join(', ')}.`);
  }
  const unknown = Object.keys(rule.members).find((name) => !schema.members.includes(name));
  if (unknown !== undefined)
    fault(`${where}.${unknown}`, `is unknown to Genesys Cloud${didYouMean(unknown, schema.members)}`);
  const missing = schema.required.find((name) => !(name in rule.members));
  if (missing !== undefined) fault(where, `has an item without ${missing}, which Genesys Cloud requires.`);
  const nested = Object.keys(rule.members).find((name) => rule.members[name]?.kind !== 'scalar');
  if (nested !== undefined) fault(`${where}.${nested}`, 'takes one value in Genesys Cloud, no list or object.');
  if (schema.types !== undefined) checkType(rule, schema.types, where);
  checkMembers(rule, where);
}

function checkType(rule: ItemRule, types: readonly string[], where: string): void {
  const type = rule.selector?.attribute === 'type' ? String(rule.selector.value) : null;
  const known = types.join(', ');
  if (type === null)
    fault(where, `has an item without a fixed type, by which Genesys Cloud tells items apart: add type: ${types[0]}.`);
  if (types.includes(type)) return;
  const remedy = types.length === 1 ? `: only ${known} can be written.` : didYouMean(type, types);
  fault(where, `has an item of type "${type}", which Genesys Cloud does not take${remedy}`);
}

function checkMembers(rule: ItemRule, where: string): void {
  const authority = constantOf(rule.members['authority']);
  if (typeof authority === 'string' && authority.startsWith(OWN_AUTHORITY)) {
    fault(
      where,
      'has an authority that Genesys Cloud reserves for the SCIM externalId: map externalId, or name your own.',
    );
  }
  const proficiency = constantOf(rule.members['proficiency']);
  if (proficiency === null) return;
  if (typeof proficiency !== 'number' || proficiency < 0 || proficiency > HIGHEST_PROFICIENCY) {
    fault(where, `has a proficiency that is no number from 0 to ${HIGHEST_PROFICIENCY}.`);
  }
}
