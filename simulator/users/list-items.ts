import { invalidValue, scimRefusal } from '../refusal.ts';
import { partNamed, type AttributeDefinition, type ListField } from './schema.ts';
import { mirrorOf, SCIM_AUTHORITY, type ListItem, type SimUser } from './sim-user.ts';
import type { WriteContext } from './write-context.ts';

export type ListAttribute = Extract<AttributeDefinition, { kind: 'list' }>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a JSON value as items of a list. Items without content are left out: empty values never overwrite anything. */
export function readItems(definition: ListAttribute, value: unknown, context: WriteContext): ListItem[] {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  return given
    .map((item) => readItem(definition, item, context))
    .filter((item) => item['value'] !== '' && item['name'] !== '');
}

/** Reads one item, with the names of its parts in their proper spelling. */
export function readItem(definition: AttributeDefinition, item: unknown, context: WriteContext): ListItem {
  if (!isObject(item)) throw invalidValue(`${definition.name} must hold objects.`);
  const read: ListItem = {};
  for (const [name, value] of Object.entries(item)) {
    const part = partNamed(definition, name);
    if (part === undefined) refuseUnknown(`${definition.name}.${name}`, context);
    else if (isScalar(value)) read[part] = value;
    else if (value !== null) throw invalidValue(`${definition.name}.${part} has a value of the wrong type.`);
    else if (part !== 'primary') read[part] = '';
  }
  return read;
}

/** The entries of a list that the service makes itself and nobody can change. */
export function protectedItems(user: SimUser, field: ListField, context: WriteContext): ListItem[] {
  if (field === 'emails') return [{ type: 'other', value: user.userName }];
  return field === 'externalIds' ? mirrorOf(user, context.options.clientId) : [];
}

/**
 * Leaves out items that only repeat an entry of the service's own, as a client does that reads, merges and writes.
 * @throws Refusal 400 mutability where such an entry was altered or made up
 */
export function withoutProtected(
  user: SimUser,
  field: ListField,
  items: readonly ListItem[],
  context: WriteContext,
): ListItem[] {
  return items.filter((item) => {
    if (!claimsProtected(field, item)) return true;
    const key = field === 'emails' ? 'type' : 'authority';
    const same = protectedItems(user, field, context).some(
      (entry) => entry[key] === item[key] && folded(entry['value']) === folded(item['value']),
    );
    if (!same) throw mutability(field);
    return false;
  });
}

export function mutability(name: string): Error {
  return scimRefusal(400, 'mutability', `The attribute "${name}" cannot be changed in this way.`);
}

/** @throws Refusal 400 invalidSyntax, unless unknown attributes are dropped silently */
export function refuseUnknown(name: string, context: WriteContext): void {
  if (context.options.unknownAttributes === 'drop') return;
  throw scimRefusal(400, 'invalidSyntax', `The attribute "${name}" is not part of the schema.`);
}

function claimsProtected(field: ListField, item: ListItem): boolean {
  if (field === 'emails') return item['type'] === 'other';
  return field === 'externalIds' && String(item['authority']).startsWith(SCIM_AUTHORITY);
}

function folded(value: unknown): string {
  return String(value).toLowerCase();
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
