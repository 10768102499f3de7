import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { invalidValue, scimRefusal } from './refusal.ts';
import { parseComparisons } from './users/comparison.ts';
import { isObject } from './users/list-items.ts';
import { readOperations, type Operation } from './users/patch.ts';
import { userLocation, type GroupReference } from './users/resource.ts';

export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** A group; SCIM changes its members, and cannot make or delete it. */
export interface SimGroup extends GroupReference {
  externalId: string | null;
  members: ReadonlySet<string>;
  version: number;
  lastModified: string;
}

const WRITABLE = ['displayname', 'externalid', 'members'];
const IGNORED = ['schemas', 'id', 'meta'];

/** The groups of the organisation. */
export class Groups {
  readonly #clock: Clock;
  readonly #userExists: (id: string) => boolean;
  readonly #groups = new Map<string, SimGroup>();

  constructor(names: readonly string[], clock: Clock, userExists: (id: string) => boolean) {
    this.#clock = clock;
    this.#userExists = userExists;
    for (const displayName of names) {
      const id = randomUUID();
      const lastModified = clock.iso();
      this.#groups.set(id, { id, displayName, externalId: null, members: new Set(), version: 1, lastModified });
    }
  }

  byId(id: string): SimGroup | undefined {
    return this.#groups.get(id.toLowerCase());
  }

  all(): SimGroup[] {
    return [...this.#groups.values()];
  }

  /** The groups a user is in. */
  of(userId: string): GroupReference[] {
    return this.all().filter((group) => group.members.has(userId));
  }

  /** Groups by `id eq` or `displayName eq`, or all. @throws Refusal 400 invalidFilter */
  find(filter: string | undefined): SimGroup[] {
    if (filter === undefined) return this.all();
    const only = parseComparisons(filter);
    const name = only?.length === 1 ? only[0]!.name.toLowerCase() : '';
    const value = only?.[0]?.value.toLowerCase();
    if (name === 'id') return this.all().filter((group) => group.id === value);
    if (name === 'displayname') return this.all().filter((group) => group.displayName.toLowerCase() === value);
    throw scimRefusal(400, 'invalidFilter', `The filter "${filter}" is not supported.`);
  }

  patch(group: SimGroup, body: unknown): SimGroup {
    const draft = { ...group };
    for (const operation of readOperations(body)) this.#apply(draft, operation);
    return this.#commit(draft);
  }

  /** PUT: sets what the body names, as for users. */
  replace(group: SimGroup, body: unknown): SimGroup {
    const draft = { ...group };
    this.#applyBody(draft, 'replace', body);
    return this.#commit(draft);
  }

  #apply(draft: SimGroup, operation: Operation): void {
    const { op, path, value } = operation;
    const member = /^members\[(.*)\]$/i.exec(path ?? '');
    if (path === null) {
      if (op === 'remove') throw scimRefusal(400, 'noTarget', 'remove needs a path.');
      this.#applyBody(draft, op, value);
    } else if (member !== null) this.#removeMember(draft, op, member[1]!);
    else this.#set(draft, op, path.toLowerCase(), value);
  }

  #applyBody(draft: SimGroup, op: Operation['op'], body: unknown): void {
    if (!isObject(body)) throw scimRefusal(400, 'invalidSyntax', 'The value must be a JSON object.');
    for (const [name, value] of Object.entries(body)) {
      if (!IGNORED.includes(name.toLowerCase())) this.#set(draft, op, name.toLowerCase(), value);
    }
  }

  #set(draft: SimGroup, op: Operation['op'], name: string, value: unknown): void {
    if (!WRITABLE.includes(name)) throw scimRefusal(400, 'invalidPath', `Groups have no "${name}" to change.`);
    if (name === 'members') draft.members = this.#members(draft, op, value);
    else if (op === 'remove') throw scimRefusal(400, 'mutability', `${name} cannot be removed.`);
    else if (typeof value !== 'string' || value === '') throw invalidValue(`${name} must be a text.`);
    else if (name === 'displayname') draft.displayName = value;
    else draft.externalId = value;
  }

  #members(draft: SimGroup, op: Operation['op'], value: unknown): ReadonlySet<string> {
    if (op === 'remove' && (value === undefined || value === null)) return new Set();
    const given: unknown[] = Array.isArray(value) ? value : [value];
    const ids = given.map((item) => memberId(item));
    if (op === 'remove') return new Set([...draft.members].filter((id) => !ids.includes(id)));
    if (!ids.every((id) => this.#userExists(id))) throw invalidValue('A member must be the id of a user.');
    return new Set(op === 'add' ? [...draft.members, ...ids] : ids);
  }

  #removeMember(draft: SimGroup, op: Operation['op'], selector: string): void {
    const only = parseComparisons(selector);
    if (op !== 'remove' || only?.length !== 1 || only[0]!.name.toLowerCase() !== 'value') {
      throw scimRefusal(400, 'invalidPath', 'members takes a value filter for remove only, by value.');
    }
    const id = only[0]!.value.toLowerCase();
    draft.members = new Set([...draft.members].filter((member) => member !== id));
  }

  #commit(draft: SimGroup): SimGroup {
    const group = { ...draft, version: draft.version + 1, lastModified: this.#clock.iso() };
    this.#groups.set(group.id, group);
    return group;
  }
}

export function groupResource(group: SimGroup): Record<string, unknown> {
  return {
    schemas: [GROUP_SCHEMA],
    id: group.id,
    displayName: group.displayName,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    members: [...group.members].map((value) => ({ value, type: 'User', $ref: userLocation(value) })),
    meta: {
      resourceType: 'Group',
      lastModified: group.lastModified,
      location: `/api/v2/scim/v2/groups/${group.id}`,
      version: String(group.version),
    },
  };
}

function memberId(item: unknown): string {
  const id = isObject(item) ? item['value'] : undefined;
  if (typeof id !== 'string') throw invalidValue('A member must be an object with the id of a user as value.');
  return id.toLowerCase();
}
