import { CORE_USER, ENTERPRISE_USER, GENESYS_USER, parsePath } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { Rule } from './mapping.ts';

/** Core attributes with a fixed spelling; any other is taken as written. */
export const CORE_NAMES = [
  'userName',
  'displayName',
  'active',
  'title',
  'emails',
  'phoneNumbers',
  'externalId',
  'roles',
];
const ENTERPRISE_NAMES = ['division', 'department', 'manager', 'employeeNumber', 'dateHire'];
const GENESYS_NAMES = ['routingSkills', 'routingLanguages', 'externalIds'];

/** Short names that may stand for a full URN path, with that path. */
const ALIASES = new Map<string, { schema: string; attribute: string }>([
  ...ENTERPRISE_NAMES.map((name) => [name.toLowerCase(), { schema: ENTERPRISE_USER, attribute: name }] as const),
  ...GENESYS_NAMES.map((name) => [name.toLowerCase(), { schema: GENESYS_USER, attribute: name }] as const),
]);
const CORE = new Map(CORE_NAMES.map((name) => [name.toLowerCase(), name]));

/** Every name that means something without a URN, for suggestions. */
export const SHORT_NAMES: readonly string[] = [...CORE_NAMES, ...ENTERPRISE_NAMES, ...GENESYS_NAMES];

/**
 * Reads the left side of a mapping: `title`, `department` (short for its URN path), a full URN path, a value path
 * (`phoneNumbers[type eq "work"].value`), or the shorthands `emails[work]`, `emails[primary]` and `genesys:User.roles`.
 * A core attribute that has an alias' name is reached by the core schema's URN. Null when it is no path.
 */
export function readPath(key: string): AttributePath | null {
  const spelled = key.replace(/\[primary\]/, '[primary eq true]').replace(/\[([A-Za-z]\w*)\]/, '[type eq "$1"]');
  const path = parsePath(spelled);
  if (path === null) return null;
  const folded = path.attribute.toLowerCase();
  const alias = ALIASES.get(folded);
  if (path.schema === null) {
    if (alias !== undefined && !spelled.startsWith(CORE_USER)) return { ...path, ...alias };
    return { ...path, attribute: CORE.get(folded) ?? path.attribute };
  }
  return alias?.schema === path.schema ? { ...path, ...alias } : path;
}

/** Whether a key names a whole extension, whose attributes stand below it. */
export function isSchemaUrn(key: string): boolean {
  return /^urn:[^\s"[\]]+:User$/.test(key);
}

/** Whether a rule is about this attribute of the core schema, whole or an item of it. */
export function isCore(rule: Rule, name: string): boolean {
  const path = rule.kind === 'item' ? rule.list : rule.path;
  return path.schema === null && path.attribute === name;
}
