import { invalidValue } from '../refusal.ts';
import { checkItems } from './list-checks.ts';
import { isObject, mutability, readItems, refuseUnknown, withoutProtected, type ListAttribute } from './list-items.ts';
import { exists, isUsable } from './references.ts';
import type { AttributeDefinition, ListField, TextField } from './schema.ts';
import type { ListItem, SimUser } from './sim-user.ts';
import { dateOnly, hasExtension, isAddress } from './text-checks.ts';
import type { WriteContext } from './write-context.ts';

/** Values that never overwrite anything: the service ignores them, and fields are cleared with `remove` alone. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Gives an attribute of the draft a new value; a list is replaced as a whole. */
export function setAttribute(
  draft: SimUser,
  definition: AttributeDefinition,
  value: unknown,
  context: WriteContext,
): void {
  if (definition.kind === 'readOnly') throw mutability(definition.name);
  if (isEmpty(value)) return;
  if (definition.kind === 'text') setText(draft, definition.field, value, context);
  else if (definition.kind === 'active') setActive(draft, value);
  else if (definition.kind === 'password') setPassword(value, context);
  else if (definition.kind === 'manager') setManager(draft, managerId(value, context), context);
  else setList(draft, definition, value, [], context);
}

/** Adds items to a list of the draft; any other attribute is simply set. */
export function addToAttribute(
  draft: SimUser,
  definition: AttributeDefinition,
  value: unknown,
  context: WriteContext,
): void {
  if (definition.kind !== 'list') setAttribute(draft, definition, value, context);
  else if (!isEmpty(value)) setList(draft, definition, value, draft[definition.field], context);
}

/** Takes an attribute away. What always has a value or is read-only stays, with 400 mutability. */
export function clearAttribute(draft: SimUser, definition: AttributeDefinition, context: WriteContext): void {
  if (definition.required === true) throw mutability(definition.name);
  if (definition.kind === 'text') Object.assign(draft, { [definition.field]: null });
  else if (definition.kind === 'manager') draft.manager = null;
  else if (definition.kind === 'list') storeItems(draft, definition.field, [], context);
  else throw mutability(definition.name);
}

/** Puts the checked items of a list into the draft. An active user without any role keeps `employee`. */
export function storeItems(draft: SimUser, field: ListField, items: readonly ListItem[], context: WriteContext): void {
  const checked = checkItems(field, items, context.options);
  notePermissions(field, checked, context);
  const bare = field === 'roles' && checked.length === 0 && draft.state === 'active';
  Object.assign(draft, { [field]: bare ? [{ value: 'employee' }] : checked });
}

/** Sets the manager by id. @throws Refusal 400 invalidValue for nobody, or for the user himself */
export function setManager(draft: SimUser, id: unknown, context: WriteContext): void {
  if (isEmpty(id)) return;
  if (typeof id !== 'string') throw invalidValue('manager.value must be the id of a user.');
  const folded = id.toLowerCase();
  if (folded === draft.id) throw invalidValue('A user cannot be his own manager.');
  if (exists('manager', context.userExists(folded), context.options)) draft.manager = folded;
}

function setText(draft: SimUser, field: TextField, value: unknown, context: WriteContext): void {
  if (typeof value !== 'string') throw invalidValue(`${field} must be a text.`);
  if (field === 'userName' && !isAddress(value)) throw invalidValue('userName must be a valid e-mail address.');
  if (field === 'division' && !isUsable('division', value, context.options.divisions, context.options)) return;
  Object.assign(draft, { [field]: field === 'dateHire' ? dateOnly(value) : value });
}

function setActive(draft: SimUser, value: unknown): void {
  if (typeof value !== 'boolean') throw invalidValue('active must be true or false.');
  draft.state = value ? 'active' : 'inactive';
}

/** The password is written and never shown; the simulator only checks its form. A create needs no permission for it. */
function setPassword(value: unknown, context: WriteContext): void {
  if (typeof value !== 'string') throw invalidValue('password must be a text.');
  if (context.needed.has('directory:user:edit')) context.needed.add('directory:user:setPassword');
}

function managerId(value: unknown, context: WriteContext): unknown {
  if (!isObject(value)) throw invalidValue('manager must be an object with a value.');
  for (const name of Object.keys(value)) {
    if (name !== 'value' && name !== '$ref') refuseUnknown(`manager.${name}`, context);
  }
  return value['value'] ?? '';
}

/** Items with no content at all change nothing; otherwise they follow those that are kept. */
function setList(
  draft: SimUser,
  definition: ListAttribute,
  value: unknown,
  kept: readonly ListItem[],
  context: WriteContext,
): void {
  const items = readItems(definition, value, context);
  if (items.length === 0) return;
  storeItems(draft, definition.field, [...kept, ...withoutProtected(draft, definition.field, items, context)], context);
}

function notePermissions(field: ListField, items: readonly ListItem[], context: WriteContext): void {
  const { needed } = context;
  if (field === 'roles') needed.add('authorization:grant:add').add('authorization:grant:delete');
  if (field === 'routingSkills') needed.add('routing:skill:assign');
  if (field === 'routingLanguages') needed.add('routing:language:assign');
  const extension = field === 'phoneNumbers' && items.some((item) => hasExtension(String(item['value'])));
  if (extension) needed.add('telephony:extension:assign');
}
