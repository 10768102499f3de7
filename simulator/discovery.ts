import { GROUP_SCHEMA } from './groups.ts';
import {
  CORE,
  ENTERPRISE,
  PURECLOUD,
  USER_ATTRIBUTES,
  USER_SCHEMAS,
  type AttributeDefinition,
} from './users/schema.ts';

const ROOT = '/api/v2/scim/v2';
const NAMES: Record<string, string> = { [CORE]: 'User', [ENTERPRISE]: 'EnterpriseUser', [PURECLOUD]: 'GenesysUser' };

/** What the service says about itself. The real body was not published; this is what its behaviour implies. */
export const SERVICE_PROVIDER_CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 100 },
  changePassword: { supported: true },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'OAuth Bearer Token',
      description: 'OAuth 2.0 client credentials',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${ROOT}/serviceproviderconfig` },
};

export const RESOURCE_TYPES: readonly Record<string, unknown>[] = [
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    endpoint: '/users',
    schema: CORE,
    schemaExtensions: [
      { schema: ENTERPRISE, required: false },
      { schema: PURECLOUD, required: false },
    ],
    meta: { resourceType: 'ResourceType', location: `${ROOT}/resourcetypes/User` },
  },
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'Group',
    name: 'Group',
    endpoint: '/groups',
    schema: GROUP_SCHEMA,
    meta: { resourceType: 'ResourceType', location: `${ROOT}/resourcetypes/Group` },
  },
];

export const SCHEMAS: readonly Record<string, unknown>[] = [
  ...USER_SCHEMAS.map((urn) => schemaResource(urn, userAttributes(urn))),
  schemaResource(GROUP_SCHEMA, [
    attribute('displayName', 'string', 'readWrite', []),
    attribute('externalId', 'string', 'readWrite', []),
    { ...attribute('members', 'complex', 'readWrite', ['value', 'type', '$ref']), multiValued: true },
  ]),
];

function schemaResource(urn: string, attributes: readonly unknown[]): Record<string, unknown> {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: urn,
    name: NAMES[urn] ?? 'Group',
    attributes,
    meta: { resourceType: 'Schema', location: `${ROOT}/schemas/${urn}` },
  };
}

function userAttributes(urn: string): Record<string, unknown>[] {
  return USER_ATTRIBUTES.filter((definition) => definition.schema === urn).map(userAttribute);
}

function userAttribute(definition: AttributeDefinition): Record<string, unknown> {
  const mutability =
    definition.kind === 'readOnly' ? 'readOnly' : definition.kind === 'password' ? 'writeOnly' : 'readWrite';
  const type = definition.kind === 'active' ? 'boolean' : definition.parts.length > 0 ? 'complex' : 'string';
  return {
    ...attribute(definition.name, type, mutability, definition.parts),
    multiValued: definition.kind === 'list' || definition.name === 'groups',
    required: definition.name === 'userName' || definition.name === 'displayName',
    returned: definition.kind === 'password' ? 'never' : 'default',
    uniqueness: definition.name === 'userName' ? 'server' : 'none',
  };
}

function attribute(name: string, type: string, mutability: string, parts: readonly string[]): Record<string, unknown> {
  const subAttributes = parts.map((part) => ({ name: part, type: partType(part), multiValued: false, mutability }));
  return { name, type, multiValued: false, mutability, ...(parts.length > 0 ? { subAttributes } : {}) };
}

function partType(part: string): string {
  if (part === 'primary') return 'boolean';
  return part === 'proficiency' ? 'decimal' : 'string';
}
