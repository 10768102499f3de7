import type { SimulatorOptions } from '../options.ts';
import { blankUser, type SeedUser, type SimUser } from './sim-user.ts';
import { deletedForm } from './user-writes.ts';
import type { UserStore } from './user-store.ts';

/** What an administrator may change by hand: anything but what identifies the record. */
export type Edit = Partial<Omit<SimUser, 'id' | 'sequence' | 'version' | 'lastModified'>>;

const BLANK: Record<string, unknown> = { ...blankUser('', '') };
const STATES = ['active', 'inactive', 'deleted'];
const FIXED = ['id', 'sequence', 'version', 'lastModified'];

/**
 * Changes a user past SCIM, as an administrator does in the Genesys UI: no permission, pace or schema check, but the
 * same uniqueness, version count and loss of roles. The index lag applies.
 * @throws Error for an unknown user; Refusal when a login or external id is taken
 */
export function editUser(store: UserStore, options: SimulatorOptions, id: string, edit: Edit): SimUser {
  const user = store.any(id);
  if (user === undefined) throw new Error(`The simulator has no user with id ${id}.`);
  const draft = { ...user, ...edit };
  if (edit.state === 'deleted') return store.commit(deletedForm(draft));
  const leaves = draft.state === 'inactive' && user.state === 'active';
  return store.commit(leaves && !options.keepRolesWhenInactive ? { ...draft, roles: [] } : draft);
}

/** Reads an edit that came as JSON. @throws Error naming the first member that is unknown or of the wrong type */
export function readEdit(json: unknown): Edit {
  const fields = readFields(json);
  const fixed = FIXED.find((name) => name in fields);
  if (fixed !== undefined) throw new Error(`The member "${fixed}" of a user cannot be edited.`);
  return fields;
}

/** Reads users to seed that came as JSON. @throws Error as {@link readEdit} does */
export function readSeeds(json: unknown): SeedUser[] {
  if (!Array.isArray(json)) throw new Error('Give the users to seed as a JSON list.');
  return json.map((item: unknown) => {
    const { userName, ...rest } = readFields(item);
    if (userName === undefined) throw new Error('Each user to seed needs a userName.');
    return { userName, ...rest };
  });
}

function readFields(json: unknown): Partial<SimUser> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error('Give a user as a JSON object.');
  for (const [name, value] of Object.entries(json)) checkField(name, value);
  return json;
}

function checkField(name: string, value: unknown): void {
  if (!(name in BLANK) || name === 'sequence') throw new Error(`A user has no member "${name}".`);
  const example = BLANK[name];
  const good =
    name === 'state'
      ? STATES.includes(String(value))
      : Array.isArray(example)
        ? Array.isArray(value)
        : typeof value === typeof (example ?? '') || (example === null && value === null);
  if (!good) throw new Error(`The member "${name}" of a user has a value of the wrong type.`);
}
