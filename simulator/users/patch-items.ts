import { invalidValue, scimRefusal } from '../refusal.ts';
import type { Comparison } from './comparison.ts';
import { mutability, protectedItems, readItem, withoutProtected, type ListAttribute } from './list-items.ts';
import type { Operation } from './patch.ts';
import type { ListItem, SimUser } from './sim-user.ts';
import { isEmpty, storeItems } from './write-attribute.ts';
import type { WriteContext } from './write-context.ts';

interface ItemPath {
  definition: ListAttribute;
  selector: readonly Comparison[];
  part: string | null;
}

/** Parts that make an item what it is: without its value it is gone, and its key is not to be taken away. */
const CONTENT = new Set(['value', 'name']);

/**
 * Applies an operation to the items a value filter picks, such as `phoneNumbers[type eq "work"].value`. An `add` that
 * finds none makes the item from the filter; a `replace` that finds none is 400 noTarget.
 */
export function patchItems(draft: SimUser, operation: Operation, path: ItemPath, context: WriteContext): void {
  const { field } = path.definition;
  const items: readonly ListItem[] = draft[field];
  const isMeant = (item: ListItem): boolean => matches(item, path.selector);
  if (protectedItems(draft, field, context).some(isMeant)) throw mutability(field);
  const found = items.some(isMeant);
  if (!found && operation.op !== 'add') refuseMiss(operation, context);
  if (operation.op === 'remove') {
    if (found) storeItems(draft, field, removeFrom(items, isMeant, path), context);
    return;
  }
  if (isEmpty(operation.value)) return;
  const change = (item: ListItem): ListItem => changed(item, operation, path, context);
  const result = found
    ? items.map((item) => (isMeant(item) ? change(item) : item))
    : [...items, change(itemFrom(path.selector, field))];
  storeItems(draft, field, withoutProtected(draft, field, result, context), context);
}

function matches(item: ListItem, selector: readonly Comparison[]): boolean {
  return selector.every(({ name, value }) => String(item[name]) === value);
}

function refuseMiss(operation: Operation, context: WriteContext): void {
  if (operation.op === 'remove' && context.options.removeWithoutMatch === 'ignore') return;
  throw scimRefusal(400, 'noTarget', `The value filter of the path "${operation.path}" matches nothing.`);
}

function removeFrom(items: readonly ListItem[], isMeant: (item: ListItem) => boolean, path: ItemPath): ListItem[] {
  const { part } = path;
  if (part === null || CONTENT.has(part)) return items.filter((item) => !isMeant(item));
  if (part !== 'primary' && part !== 'proficiency') throw mutability(`${path.definition.name}.${part}`);
  return items.map((item) => (isMeant(item) ? { ...item, [part]: part === 'primary' ? false : 0 } : item));
}

function changed(item: ListItem, operation: Operation, path: ItemPath, context: WriteContext): ListItem {
  if (path.part !== null) return { ...item, [path.part]: scalar(operation.value, path) };
  const given = readItem(path.definition, operation.value, context);
  return operation.op === 'add' ? { ...item, ...given } : given;
}

function scalar(value: unknown, path: ItemPath): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw invalidValue(`${path.definition.name}.${path.part} has a value of the wrong type.`);
}

/** The item an `add` makes when the filter finds none: `[type eq "work"]` becomes `{type: "work"}`. */
function itemFrom(selector: readonly Comparison[], field: string): ListItem {
  return Object.fromEntries(selector.map(({ name, value }) => [name, typed(name, value, field)]));
}

function typed(name: string, value: string, field: string): string | number | boolean {
  if (name === 'primary') return value.toLowerCase() === 'true';
  return name === 'proficiency' && field.startsWith('routing') ? Number(value) : value;
}
