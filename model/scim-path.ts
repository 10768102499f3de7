import type { Scalar, ScimValue, ScimUser } from './user.ts';

export const CORE_USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GENESYS_USER = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
/** The extension's name in a widely read guide, whose PATCH paths begin `genesys:User.`; the real service does not know it. */
export const GUIDE_USER = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';

/** A SCIM attribute path, taken apart. */
export interface AttributePath {
  /** Extension schema URN; null for core attributes. */
  schema: string | null;
  attribute: string;
  /** Names one item of a list: `[type eq "work"]`. */
  selector: { attribute: string; value: Scalar } | null;
  sub: string | null;
}

const PATH =
  /^(?:(?<schema>urn:[^[\]\s"]+):)?(?<attribute>[A-Za-z][\w$-]*)(?:\[(?<key>[A-Za-z$][\w$]*) eq (?<value>"(?:[^"\\]|\\.)*"|true|false|-?\d+(?:\.\d+)?)\])?(?:\.(?<sub>[A-Za-z$][\w$-]*))?$/;

/** Takes a path apart; null when it is none. The core schema's own URN is dropped; `genesys:User.` is short for the guide's. */
export function parsePath(text: string): AttributePath | null {
  const match = PATH.exec(text.replace(/^genesys:User[.:]/, `${GUIDE_USER}:`))?.groups;
  if (match?.['attribute'] === undefined) return null;
  const schema = match['schema'] ?? null;
  return {
    schema: schema === CORE_USER ? null : schema,
    attribute: match['attribute'],
    selector:
      match['key'] === undefined ? null : { attribute: match['key'], value: JSON.parse(match['value']!) as Scalar },
    sub: match['sub'] ?? null,
  };
}

/** Spells a path, in full; the inverse of {@link parsePath}. */
export function formatPath(path: AttributePath): string {
  const schema = path.schema === null ? '' : `${path.schema}:`;
  const selector =
    path.selector === null ? '' : `[${path.selector.attribute} eq ${JSON.stringify(path.selector.value)}]`;
  const sub = path.sub === null ? '' : `.${path.sub}`;
  return `${schema}${path.attribute}${selector}${sub}`;
}

/** The value a user has at a path; null when absent. Attribute names compare ignoring case, as SCIM demands. */
export function valueAt(user: ScimUser, path: AttributePath): ScimValue | null {
  const holder: unknown = path.schema === null ? user : memberOf(user, path.schema);
  let value = memberOf(holder, path.attribute);
  if (path.selector !== null) {
    const { attribute, value: wanted } = path.selector;
    value = Array.isArray(value) ? value.find((item: unknown) => memberOf(item, attribute) === wanted) : undefined;
  }
  if (path.sub !== null) value = memberOf(value, path.sub);
  return value === undefined || value === null ? null : (value as ScimValue);
}

/** A member of an object, its name compared ignoring case; undefined when there is none. */
export function memberOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const record = holder as Record<string, unknown>;
  if (name in record) return record[name];
  const folded = name.toLowerCase();
  const key = Object.keys(record).find((candidate) => candidate.toLowerCase() === folded);
  return key === undefined ? undefined : record[key];
}
