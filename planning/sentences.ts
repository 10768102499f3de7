import type { LoginHolder } from '../model/candidate.ts';
import { parsePath } from '../model/scim-path.ts';
import type { Problem } from '../model/user.ts';

/** How many names a sentence lists before it only counts the rest. */
const NAMED = 4;

/** `title`, `title and manager`, `title, department and manager`, `a, b, c, d and 3 more`. */
export function listing(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, NAMED);
  const tail = unique.length > NAMED ? `${unique.length - NAMED} more` : shown.pop();
  return shown.length === 0 ? (tail ?? '') : `${shown.join(', ')} and ${tail}`;
}

/** A path as people say it: without schema, an item by its selector's value alone (`phoneNumbers[work]`). */
export function nameOf(text: string): string {
  const path = parsePath(text);
  if (path === null) return text;
  const selector = path.selector === null ? '' : `[${path.selector.value}]`;
  return `${path.attribute}${selector}${path.sub === null ? '' : `.${path.sub}`}`;
}

/** Why an entry cannot be used; names attributes and problems, never values. */
export function invalidEntry(problems: readonly Problem[]): string {
  const found = problems.map(({ attribute, problem }) => `${nameOf(attribute)}: ${problem}`);
  const why = found.length === 0 ? '' : ` (${listing(found)})`;
  return `The directory entry cannot be used${why}; correct it in the directory and a later run takes it up.`;
}

/** Who holds a login, and what to do about it. */
export function loginTaken(holder: LoginHolder): string {
  const name = holder.displayName || holder.genesysId || holder.anchor || 'somebody unnamed';
  if (holder.via === 'desired') {
    return `${name} has or wants the same login in the directory; give one of the two another login there.`;
  }
  if (holder.via === 'inventory') {
    const state = holder.active ? 'user' : 'inactive user';
    return `The login belongs to ${name}, a Genesys Cloud ${state} that Rollcall does not manage; change the login of one of the two.`;
  }
  return holder.active
    ? `The login belongs to ${name}, whom Rollcall manages; change the login of one of the two in the directory.`
    : `The login belongs to ${name}, a deactivated user that Rollcall manages; change the login of that user, or the one in the directory.`;
}
