import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { SimulatorOptions } from '../options.ts';
import { scimRefusal } from '../refusal.ts';
import { externalIdKey, type UserFilter } from './filter.ts';
import { OrderedUsers } from './ordered-users.ts';
import { pageOf, placeByState, SearchIndex, type Page } from './search-index.ts';
import { allExternalIds, blankUser, mirrorOf, type ExternalId, type SeedUser, type SimUser } from './sim-user.ts';

export const LOGIN_TAKEN = 'User name already in use by non-deleted user.';

/** Every user of the organisation, deleted ones included, with what must be unique kept in indices. */
export class UserStore {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #search: SearchIndex;
  readonly #users = new Map<string, SimUser>();
  readonly #byLogin = new Map<string, string>();
  readonly #deletedByLogin = new Map<string, string>();
  readonly #byExternalId = new Map<string, string>();
  readonly #active = new OrderedUsers();
  readonly #inactive = new OrderedUsers();
  #lastSequence = 0;

  constructor(options: SimulatorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#search = new SearchIndex(options.clientId);
  }

  /** A user by id, unless deleted. */
  living(id: string): SimUser | undefined {
    const user = this.#users.get(id.toLowerCase());
    return user?.state === 'deleted' ? undefined : user;
  }

  /** Any user by id, deleted ones too. */
  any(id: string): SimUser | undefined {
    return this.#users.get(id.toLowerCase());
  }

  /** The active or inactive user with that login. */
  holderOf(userName: string): SimUser | undefined {
    const id = this.#byLogin.get(userName.toLowerCase());
    return id === undefined ? undefined : this.#users.get(id);
  }

  /** The user with that login who was deleted last. */
  deletedHolderOf(userName: string): SimUser | undefined {
    const id = this.#deletedByLogin.get(userName.toLowerCase());
    return id === undefined ? undefined : this.#users.get(id);
  }

  all(): SimUser[] {
    return [...this.#users.values()];
  }

  numbers(): { active: number; inactive: number; deleted: number } {
    const active = this.#active.length;
    const inactive = this.#inactive.length;
    return { active, inactive, deleted: this.#users.size - active - inactive };
  }

  /** A page of the users: without filter the active ones as they are now, else as the search index knows them. */
  page(filter: UserFilter | null, window: { start: number; count: number }): Page {
    if (filter === null) return pageOf(this.#active, window);
    this.#search.catchUp(this.#clock.now() - this.#options.indexLagSeconds * 1000);
    return this.#search.find(filter, window, this.#options.filtersFindInactive);
  }

  /** A draft of a new user, not stored yet. */
  draft(userName: string): SimUser {
    return blankUser(randomUUID(), userName);
  }

  /**
   * Stores a write: counts the version, refuses a login or a pair of authority and value that another user has.
   * @throws Refusal 409 uniqueness
   */
  commit(draft: SimUser): SimUser {
    this.#refuseTaken(draft);
    return this.#store(draft, draft.version + 1);
  }

  /** Users as an administrator would have made them before the client came: visible to filters at once. */
  seed(users: readonly SeedUser[]): SimUser[] {
    const seeded = users.map((user) => {
      const blank = this.draft(user.userName);
      const draft = { ...blank, roles: [{ value: 'employee' }], ...user, id: (user.id ?? blank.id).toLowerCase() };
      if (this.#users.has(draft.id)) throw new Error(`The simulator already has a user with id ${draft.id}.`);
      if (draft.state !== 'deleted') this.#refuseTaken(draft);
      return this.#store(draft, Math.max(1, draft.version));
    });
    this.#search.catchUp(Number.POSITIVE_INFINITY);
    return seeded;
  }

  #store(draft: SimUser, version: number): SimUser {
    const before = this.#users.get(draft.id);
    const sequence = before?.sequence ?? ++this.#lastSequence;
    const user: SimUser = Object.freeze({ ...draft, sequence, version, lastModified: this.#clock.iso() });
    if (before !== undefined) this.#release(before);
    this.#users.set(user.id, user);
    this.#claim(user);
    placeByState(user, this.#active, this.#inactive);
    this.#search.write(user, this.#clock.now());
    return user;
  }

  #refuseTaken(draft: SimUser): void {
    const holder = this.holderOf(draft.userName);
    if (holder !== undefined && holder.id !== draft.id) throw scimRefusal(409, 'uniqueness', LOGIN_TAKEN);
    for (const pair of this.#pairsOf(draft)) {
      const owner = this.#byExternalId.get(pair);
      if (owner !== undefined && owner !== draft.id) {
        throw scimRefusal(409, 'uniqueness', 'External id already in use by another user.');
      }
    }
  }

  /** A deleted user without the external ids that others took meanwhile. */
  withoutTakenPairs(user: SimUser): SimUser {
    const free = (pair: ExternalId): boolean => {
      const owner = this.#byExternalId.get(externalIdKey(pair.authority, pair.value));
      return owner === undefined || owner === user.id;
    };
    const mirrorIsFree = mirrorOf(user, this.#options.clientId).every(free);
    return {
      ...user,
      externalId: mirrorIsFree ? user.externalId : null,
      externalIds: user.externalIds.filter(free),
    };
  }

  #claim(user: SimUser): void {
    const login = user.userName.toLowerCase();
    if (user.state === 'deleted') {
      this.#deletedByLogin.set(login, user.id);
      return;
    }
    this.#byLogin.set(login, user.id);
    for (const pair of this.#pairsOf(user)) this.#byExternalId.set(pair, user.id);
  }

  #release(user: SimUser): void {
    const login = user.userName.toLowerCase();
    if (user.state === 'deleted') {
      if (this.#deletedByLogin.get(login) === user.id) this.#deletedByLogin.delete(login);
      return;
    }
    this.#byLogin.delete(login);
    for (const pair of this.#pairsOf(user)) this.#byExternalId.delete(pair);
  }

  #pairsOf(user: SimUser): string[] {
    return allExternalIds(user, this.#options.clientId).map((pair) => externalIdKey(pair.authority, pair.value));
  }
}
