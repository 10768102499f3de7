import { invalidValue, scimRefusal } from '../refusal.ts';
import { invalidPath, parseAttributePath, type AttributePath } from './attribute-path.ts';
import { isObject, mutability } from './list-items.ts';
import { patchItems } from './patch-items.ts';
import type { SimUser } from './sim-user.ts';
import { readBody } from './user-body.ts';
import { addToAttribute, clearAttribute, isEmpty, setAttribute, setManager } from './write-attribute.ts';
import type { WriteContext } from './write-context.ts';

export const PATCH_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export type Op = 'add' | 'replace' | 'remove';

export interface Operation {
  op: Op;
  path: string | null;
  /** Undefined when the operation has none. */
  value: unknown;
}

/** Applies a PatchOp body to the draft, operation by operation. The first bad one refuses the whole request. */
export function applyPatch(draft: SimUser, body: unknown, context: WriteContext): void {
  for (const operation of readOperations(body)) applyOperation(draft, operation, context);
}

/** The operations of a PatchOp body; the case of `op` does not matter. */
export function readOperations(body: unknown): Operation[] {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object.');
  const { schemas, Operations: operations } = body;
  if (schemas !== undefined && !(Array.isArray(schemas) && schemas.includes(PATCH_MESSAGE))) {
    throw invalidSyntax('schemas must name the PatchOp message.');
  }
  if (!Array.isArray(operations) || operations.length === 0) throw invalidSyntax('Operations must be a list.');
  return operations.map(readOperation);
}

function readOperation(given: unknown): Operation {
  if (!isObject(given)) throw invalidSyntax('An operation must be an object.');
  const op = typeof given['op'] === 'string' ? given['op'].toLowerCase() : '';
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw invalidSyntax('op must be add, replace or remove.');
  const path = given['path'] ?? null;
  if (path !== null && typeof path !== 'string') throw scimRefusal(400, 'invalidPath', 'path must be a text.');
  return { op, path, value: given['value'] };
}

function applyOperation(draft: SimUser, operation: Operation, context: WriteContext): void {
  if (operation.op !== 'remove' && operation.value === undefined) throw invalidValue('The operation needs a value.');
  if (operation.path === null) applyWithoutPath(draft, operation, context);
  else applyAtPath(draft, operation, operation.path, context);
}

function applyWithoutPath(draft: SimUser, operation: Operation, context: WriteContext): void {
  if (operation.op === 'remove') throw scimRefusal(400, 'noTarget', 'remove needs a path.');
  const write = operation.op === 'add' ? addToAttribute : setAttribute;
  for (const [definition, value] of readBody(operation.value, context)) write(draft, definition, value, context);
}

function applyAtPath(draft: SimUser, operation: Operation, text: string, context: WriteContext): void {
  const path = parseAttributePath(text);
  if (path === null) {
    if (context.options.unknownAttributes === 'refuse') throw invalidPath(text);
    return;
  }
  if (path.definition.kind === 'readOnly') throw mutability(path.definition.name);
  if (operation.op === 'remove' && operation.value !== undefined && operation.value !== null) {
    throw invalidSyntax('remove takes no value; name the item with a value filter.');
  }
  if (path.selector !== null || path.part !== null) applyInside(draft, operation, path, text, context);
  else if (operation.op === 'remove') clearAttribute(draft, path.definition, context);
  else if (operation.op === 'add') addToAttribute(draft, path.definition, operation.value, context);
  else setAttribute(draft, path.definition, operation.value, context);
}

function applyInside(
  draft: SimUser,
  operation: Operation,
  path: AttributePath,
  text: string,
  context: WriteContext,
): void {
  const { definition, selector, part } = path;
  if (definition.kind === 'list' && selector !== null) {
    patchItems(draft, operation, { definition, selector, part }, context);
  } else if (definition.kind === 'manager' && part === 'value') {
    if (operation.op === 'remove') clearAttribute(draft, definition, context);
    else if (!isEmpty(operation.value)) setManager(draft, operation.value, context);
  } else if (definition.kind === 'manager') throw mutability(text);
  else throw invalidPath(text);
}

function invalidSyntax(detail: string): Error {
  return scimRefusal(400, 'invalidSyntax', detail);
}
