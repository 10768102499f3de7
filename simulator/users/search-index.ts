import { externalIdKey, searchKey, type UserFilter } from './filter.ts';
import { OrderedUsers } from './ordered-users.ts';
import { allExternalIds, type SimUser } from './sim-user.ts';

/** One page of a list, and how many users the list has in all. */
export interface Page {
  users: SimUser[];
  total: number;
}

interface PendingChange {
  at: number;
  user: SimUser;
}

/**
 * The directory search behind filtered lists: a view of the users that trails the writes by the index lag, as the
 * real service's search does.
 */
export class SearchIndex {
  readonly #clientId: string;
  readonly #users = new Map<string, SimUser>();
  readonly #byKey = new Map<string, Set<string>>();
  readonly #active = new OrderedUsers();
  readonly #inactive = new OrderedUsers();
  #pending: PendingChange[] = [];

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  /** Notes a write that happened `at`; it becomes visible with {@link catchUp}. */
  write(user: SimUser, at: number): void {
    this.#pending.push({ at, user });
  }

  /** Makes every write up to that time visible. */
  catchUp(until: number): void {
    const later = this.#pending.findIndex((change) => change.at > until);
    const due = this.#pending.splice(0, later === -1 ? this.#pending.length : later);
    for (const change of due) this.#show(change.user);
  }

  find(filter: UserFilter, window: { start: number; count: number }, inactiveToo: boolean): Page {
    if (filter.by === 'active') return pageOf(filter.active ? this.#active : this.#inactive, window);
    const found = this.#matches(filter, inactiveToo);
    return { users: found.slice(window.start, window.start + window.count), total: found.length };
  }

  #matches(filter: Exclude<UserFilter, { by: 'active' }>, inactiveToo: boolean): SimUser[] {
    if (filter.by === 'id') return this.#visible([filter.id.toLowerCase()]);
    const ids = this.#byKey.get(searchKey(filter.attribute, filter.value)) ?? [];
    return this.#visible(ids)
      .filter((user) => inactiveToo || user.state === 'active')
      .sort((one, other) => one.sequence - other.sequence);
  }

  #visible(ids: Iterable<string>): SimUser[] {
    return [...ids].flatMap((id) => this.#users.get(id) ?? []);
  }

  #show(user: SimUser): void {
    const before = this.#users.get(user.id);
    const keys = user.state === 'deleted' ? [] : this.#keysOf(user);
    const gone = before === undefined ? [] : this.#keysOf(before).filter((key) => !keys.includes(key));
    for (const key of gone) this.#forget(key, user.id);
    for (const key of keys) this.#remember(key, user.id);
    if (user.state === 'deleted') this.#users.delete(user.id);
    else this.#users.set(user.id, user);
    placeByState(user, this.#active, this.#inactive);
  }

  #keysOf(user: SimUser): string[] {
    const keys = [
      searchKey('userName', user.userName),
      searchKey('email', user.userName),
      searchKey('division', user.division),
      ...user.emails.map((email) => searchKey('email', email.value)),
      ...allExternalIds(user, this.#clientId).map((pair) =>
        searchKey('externalIds', externalIdKey(pair.authority, pair.value)),
      ),
    ];
    if (user.manager !== null) keys.push(searchKey('manager', user.manager));
    if (user.externalId !== null) keys.push(searchKey('externalId', user.externalId));
    if (user.employeeNumber !== null) keys.push(searchKey('employeeNumber', user.employeeNumber));
    return keys;
  }

  #remember(key: string, id: string): void {
    const ids = this.#byKey.get(key);
    if (ids === undefined) this.#byKey.set(key, new Set([id]));
    else ids.add(id);
  }

  #forget(key: string, id: string): void {
    const ids = this.#byKey.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#byKey.delete(key);
  }
}

/** Keeps the two lists by state true after a write. */
export function placeByState(user: SimUser, active: OrderedUsers, inactive: OrderedUsers): void {
  if (user.state === 'active') active.put(user);
  else active.remove(user);
  if (user.state === 'inactive') inactive.put(user);
  else inactive.remove(user);
}

export function pageOf(list: OrderedUsers, window: { start: number; count: number }): Page {
  return { users: list.slice(window.start, window.start + window.count), total: list.length };
}
