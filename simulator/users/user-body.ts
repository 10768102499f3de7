import { scimRefusal } from '../refusal.ts';
import { isObject, refuseUnknown } from './list-items.ts';
import { attributeNamed, CORE, schemaNamed, USER_ATTRIBUTES, type AttributeDefinition } from './schema.ts';
import type { SimUser } from './sim-user.ts';
import { setAttribute } from './write-attribute.ts';
import type { WriteContext } from './write-context.ts';

/** The attributes of a SCIM User body, found in their schemas and put in the order in which they are to be applied. */
export function readBody(body: unknown, context: WriteContext): [AttributeDefinition, unknown][] {
  if (!isObject(body)) throw scimRefusal(400, 'invalidSyntax', 'The body must be a JSON object.');
  const found = new Map<AttributeDefinition, unknown>();
  for (const [name, value] of Object.entries(body)) {
    const schema = schemaNamed(name);
    if (name.toLowerCase() === 'schemas') checkSchemas(value, context);
    else if (schema !== undefined && isObject(value)) {
      for (const [part, inner] of Object.entries(value))
        note(found, attributeNamed(schema, part), inner, part, context);
    } else note(found, attributeNamed(CORE, name), value, name, context);
  }
  return USER_ATTRIBUTES.filter((definition) => found.has(definition)).map((one) => [one, found.get(one)]);
}

/**
 * Applies the body of a POST or PUT: what it names is set, the rest stays. Read-only attributes in it are ignored, as
 * RFC 7644 demands for whole resources, save the read-only entries of lists.
 */
export function applyBody(draft: SimUser, body: unknown, context: WriteContext): void {
  for (const [definition, value] of readBody(body, context)) {
    if (definition.kind !== 'readOnly') setAttribute(draft, definition, value, context);
  }
}

function note(
  found: Map<AttributeDefinition, unknown>,
  definition: AttributeDefinition | undefined,
  value: unknown,
  name: string,
  context: WriteContext,
): void {
  if (definition === undefined) refuseUnknown(name, context);
  else found.set(definition, value);
}

function checkSchemas(value: unknown, context: WriteContext): void {
  const urns: unknown[] = Array.isArray(value) ? value : [value];
  for (const urn of urns) {
    if (typeof urn !== 'string') throw scimRefusal(400, 'invalidSyntax', 'schemas must hold texts.');
    if (schemaNamed(urn) === undefined) refuseUnknown(urn, context);
  }
}
