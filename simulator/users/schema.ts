export const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PURECLOUD = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
export const USER_SCHEMAS = [CORE, ENTERPRISE, PURECLOUD] as const;
export type UserSchema = (typeof USER_SCHEMAS)[number];

export type TextField =
  'userName' | 'displayName' | 'title' | 'externalId' | 'division' | 'department' | 'employeeNumber' | 'dateHire';
export type ListField = 'emails' | 'phoneNumbers' | 'roles' | 'routingSkills' | 'routingLanguages' | 'externalIds';

interface Named {
  name: string;
  schema: UserSchema;
  /** Names of the parts of a complex attribute. */
  parts: readonly string[];
  /** Always has a value, so that it cannot be removed. */
  required?: boolean;
}

/** One attribute of the user schema. `kind` says how it is written. */
export type AttributeDefinition = Named &
  (
    | { kind: 'text'; field: TextField }
    | { kind: 'list'; field: ListField }
    | { kind: 'active' }
    | { kind: 'password' }
    | { kind: 'manager' }
    | { kind: 'readOnly' }
  );

/** The whole schema; there is nothing else. Bodies are applied in this order, so that lists see the new login and external id. */
export const USER_ATTRIBUTES: readonly AttributeDefinition[] = [
  { name: 'id', schema: CORE, parts: [], kind: 'readOnly' },
  { name: 'meta', schema: CORE, parts: ['resourceType', 'lastModified', 'location', 'version'], kind: 'readOnly' },
  { name: 'groups', schema: CORE, parts: ['value', '$ref', 'display'], kind: 'readOnly' },
  { name: 'userName', schema: CORE, parts: [], kind: 'text', field: 'userName', required: true },
  { name: 'displayName', schema: CORE, parts: [], kind: 'text', field: 'displayName', required: true },
  { name: 'externalId', schema: CORE, parts: [], kind: 'text', field: 'externalId' },
  { name: 'active', schema: CORE, parts: [], kind: 'active', required: true },
  { name: 'password', schema: CORE, parts: [], kind: 'password', required: true },
  { name: 'title', schema: CORE, parts: [], kind: 'text', field: 'title' },
  { name: 'emails', schema: CORE, parts: ['value', 'type', 'primary'], kind: 'list', field: 'emails' },
  { name: 'phoneNumbers', schema: CORE, parts: ['value', 'type', 'primary'], kind: 'list', field: 'phoneNumbers' },
  { name: 'roles', schema: CORE, parts: ['value'], kind: 'list', field: 'roles' },
  { name: 'division', schema: ENTERPRISE, parts: [], kind: 'text', field: 'division', required: true },
  { name: 'department', schema: ENTERPRISE, parts: [], kind: 'text', field: 'department' },
  { name: 'manager', schema: ENTERPRISE, parts: ['value', '$ref'], kind: 'manager' },
  { name: 'employeeNumber', schema: ENTERPRISE, parts: [], kind: 'text', field: 'employeeNumber' },
  { name: 'dateHire', schema: ENTERPRISE, parts: [], kind: 'text', field: 'dateHire' },
  { name: 'routingSkills', schema: PURECLOUD, parts: ['name', 'proficiency'], kind: 'list', field: 'routingSkills' },
  {
    name: 'routingLanguages',
    schema: PURECLOUD,
    parts: ['name', 'proficiency'],
    kind: 'list',
    field: 'routingLanguages',
  },
  { name: 'externalIds', schema: PURECLOUD, parts: ['authority', 'value'], kind: 'list', field: 'externalIds' },
];

const BY_NAME = new Map(USER_ATTRIBUTES.map((definition) => [keyOf(definition.schema, definition.name), definition]));

/** The attribute of that name, ignoring case, in that schema. */
export function attributeNamed(schema: UserSchema, name: string): AttributeDefinition | undefined {
  return BY_NAME.get(keyOf(schema, name));
}

/** The schema a URN names, ignoring case. */
export function schemaNamed(urn: string): UserSchema | undefined {
  const folded = urn.toLowerCase();
  return USER_SCHEMAS.find((schema) => schema.toLowerCase() === folded);
}

/** Splits `urn:...:User:name` into its schema and what follows; names without URN belong to the core schema. */
export function splitSchema(text: string): { schema: UserSchema; rest: string } | null {
  if (!/^urn:/i.test(text)) return { schema: CORE, rest: text };
  const folded = text.toLowerCase();
  const schema = USER_SCHEMAS.find((urn) => folded.startsWith(`${urn.toLowerCase()}:`));
  return schema === undefined ? null : { schema, rest: text.slice(schema.length + 1) };
}

/** The spelling of a part of a complex attribute, found ignoring case. */
export function partNamed(definition: AttributeDefinition, name: string): string | undefined {
  const folded = name.toLowerCase();
  return definition.parts.find((part) => part.toLowerCase() === folded);
}

function keyOf(schema: UserSchema, name: string): string {
  return `${schema}:${name.toLowerCase()}`;
}
