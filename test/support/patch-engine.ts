import type { PatchOperation, ScimUser, ScimValue } from '../../model/user.ts';

type Tree = Record<string, unknown>;
interface Target {
  key: string;
  wanted: string | undefined;
  sub: string | undefined;
}

/**
 * A small PATCH engine for tests of planning. It knows nothing of the code under test, and refuses what a strict
 * service would refuse: a path that is none, and an item that is not there.
 */
export function applied(user: ScimUser, operations: readonly PatchOperation[]): ScimUser {
  const result = structuredClone(user);
  for (const operation of operations) applyOne(result, operation);
  return result;
}

function applyOne(user: Tree, { op, path, value }: PatchOperation): void {
  const parts = /^(?:(urn:.*:User):)?(\w+)(?:\[(\w+) eq "(.*)"\])?(?:\.(\w+))?$/.exec(path);
  if (parts === null) throw new Error(`invalidPath ${path}`);
  const [, schema, attribute = '', key, wanted, sub] = parts;
  const holder = schema === undefined ? user : ((user[schema] ??= {}) as Tree);
  if (key !== undefined) applyToItem(holder, attribute, { key, wanted, sub }, op, value);
  else if (sub !== undefined) applyToMember((holder[attribute] ??= {}) as Tree, sub, op, value);
  else if (op === 'remove') delete holder[attribute];
  else holder[attribute] = merged(holder[attribute], value);
}

function applyToItem(holder: Tree, attribute: string, target: Target, op: string, value: ScimValue | undefined): void {
  const items = listAt(holder, attribute);
  const found = items.find((one) => one[target.key] === target.wanted);
  if (found === undefined) throw new Error(`noTarget ${attribute}`);
  if (target.sub !== undefined) applyToMember(found, target.sub, op, value);
  else if (op === 'remove') holder[attribute] = items.filter((one) => one !== found);
  else throw new Error('an item is never replaced as a whole: others may have added members');
}

function applyToMember(holder: Tree, name: string, op: string, value: ScimValue | undefined): void {
  if (op === 'remove') delete holder[name];
  else holder[name] = value;
}

/** Adding to a list appends, an object keeps the members that are not named, anything else is replaced. */
function merged(old: unknown, value: ScimValue | undefined): unknown {
  if (Array.isArray(value)) return [...(Array.isArray(old) ? (old as unknown[]) : []), ...(value as unknown[])];
  return isTree(value) && isTree(old) ? { ...old, ...value } : value;
}

export function listAt(holder: Tree, attribute: string): Tree[] {
  const list = holder[attribute];
  return Array.isArray(list) ? (list as Tree[]) : [];
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
