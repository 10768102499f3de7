type Json = Record<string, unknown>;

/** One operation of a PATCH, as it came. */
export interface Operation {
  op: string;
  path: string;
  value?: unknown;
}

const GUIDE = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';

/** Carries out an operation on a user in place (RFC 7644, 3.5.2): whole attributes, and members of one item of a list. */
export function applyOperation(user: Json, { op, path, value }: Operation): void {
  const parts = /^(?:(urn:.*:User):|(genesys:User)\.)?(\w+)(?:\[type eq "(\w+)"\]\.(\w+))?$/.exec(path);
  if (parts === null) throw new Error(`no path: ${path}`);
  const [, urn, short, attribute = '', type, sub = ''] = parts;
  const schema = short === undefined ? urn : GUIDE;
  const holder = schema === undefined ? user : ((user[schema] ??= {}) as Json);
  if (type === undefined) put(holder, attribute, op, value);
  else put(itemOf(holder[attribute], type), sub, op, value);
}

function itemOf(list: unknown, type: string): Json {
  const items = (Array.isArray(list) ? list : []) as Json[];
  const found = items.find((item) => item['type'] === type);
  if (found === undefined) throw new Error(`no item of type ${type}`);
  return found;
}

function put(holder: Json, name: string, op: string, value: unknown): void {
  const old = holder[name];
  if (op === 'remove') delete holder[name];
  else if (op === 'replace') holder[name] = value;
  else if (op !== 'add') throw new Error(`no operation: ${op}`);
  else
    holder[name] =
      Array.isArray(old) && Array.isArray(value) ? [...(old as unknown[]), ...(value as unknown[])] : value;
}
