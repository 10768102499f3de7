import type { SimulatorOptions } from '../options.ts';
import { platformRefusal, invalidValue, scimRefusal } from '../refusal.ts';
import { isObject } from './list-items.ts';
import { applyPatch } from './patch.ts';
import type { SimUser } from './sim-user.ts';
import { hasExtension } from './text-checks.ts';
import { applyBody } from './user-body.ts';
import { LOGIN_TAKEN, type UserStore } from './user-store.ts';
import { isEmpty } from './write-attribute.ts';
import type { WriteContext } from './write-context.ts';

/** The SCIM writes: each checks everything first and stores last, so that a refused request leaves no trace. */
export class UserWrites {
  readonly #store: UserStore;
  readonly #options: SimulatorOptions;

  constructor(store: UserStore, options: SimulatorOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** POST. A deleted user's login revives him (200) or, by option, makes a new user; a living one's is 409. */
  create(body: unknown): { status: 200 | 201; user: SimUser } {
    const userName = requiredText(body, 'userName');
    requiredText(body, 'displayName');
    const deleted = this.#options.revival === 'new-id' ? undefined : this.#store.deletedHolderOf(userName);
    const old: SimUser | undefined = deleted && { ...this.#store.withoutTakenPairs(deleted), state: 'active' };
    const draft: SimUser = old === undefined ? this.#newcomer(userName) : { ...old };
    const context = this.#context('directory:user:add');
    applyBody(draft, body, context);
    if (this.#store.holderOf(draft.userName) !== undefined) throw scimRefusal(409, 'uniqueness', LOGIN_TAKEN);
    if (old === undefined) return { status: 201, user: this.#finish(draft, null, context) };
    return { status: 200, user: this.#finish(this.#options.revival === 'bare' ? old : draft, null, context) };
  }

  #newcomer(userName: string): SimUser {
    return { ...this.#store.draft(userName), roles: [{ value: 'employee' }] };
  }

  /** PUT: like the real service it sets what the body names and leaves the rest. */
  replace(user: SimUser, body: unknown): SimUser {
    const context = this.#context('directory:user:edit');
    const draft = { ...user };
    applyBody(draft, body, context);
    return this.#finish(draft, user, context);
  }

  patch(user: SimUser, body: unknown): SimUser {
    const context = this.#context('directory:user:edit');
    const draft = { ...user };
    applyPatch(draft, body, context);
    return this.#finish(draft, user, context);
  }

  /** DELETE: the data stay, but the user goes to division Home without roles and extensions, and frees his login. */
  remove(user: SimUser): SimUser {
    return this.#finish(deletedForm(user), user, this.#context('directory:user:delete'));
  }

  #context(permission: string): WriteContext {
    return {
      options: this.#options,
      userExists: (id) => this.#store.living(id) !== undefined,
      needed: new Set([permission]),
    };
  }

  #finish(draft: SimUser, before: SimUser | null, context: WriteContext): SimUser {
    this.#refuseUnpermitted(context.needed, [draft.division, before?.division ?? draft.division]);
    const leaves = draft.state === 'inactive' && before?.state !== 'inactive';
    const stripped = leaves && !this.#options.keepRolesWhenInactive;
    return this.#store.commit(stripped ? { ...draft, roles: [] } : draft);
  }

  #refuseUnpermitted(needed: ReadonlySet<string>, divisions: readonly string[]): void {
    const missing = [...needed].filter((permission) => !this.#options.permissions.includes(permission));
    if (missing.length > 0) throw missingPermissions(missing);
    const permitted = this.#options.permittedDivisions;
    if (permitted !== null && divisions.some((division) => !permitted.includes(division))) {
      throw platformRefusal(403, 'missing.division.permission', permissionText([...needed]));
    }
  }
}

export function deletedForm(user: SimUser): SimUser {
  const phoneNumbers = user.phoneNumbers.filter((number) => !hasExtension(number.value));
  return { ...user, state: 'deleted', roles: [], division: 'Home', phoneNumbers };
}

export function missingPermissions(missing: readonly string[]): Error {
  return platformRefusal(403, 'missing.permissions', permissionText(missing));
}

function permissionText(permissions: readonly string[]): string {
  const names = permissions.join(', ');
  return `Unable to perform the requested action. You must have at least one of the following permissions assigned: [${names}]`;
}

function requiredText(body: unknown, name: string): string {
  if (!isObject(body)) throw scimRefusal(400, 'invalidSyntax', 'The body must be a JSON object.');
  const entry = Object.entries(body).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (entry === undefined || isEmpty(entry[1])) throw invalidValue(`${name} is required.`);
  if (typeof entry[1] !== 'string') throw invalidValue(`${name} must be a text.`);
  return entry[1];
}
