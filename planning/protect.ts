import type { Candidate } from '../model/candidate.ts';
import { memberOf } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';

/** Who is never adopted, changed or deactivated. */
export interface Protection {
  /** Patterns of logins; `*` stands for any text, case does not count. */
  userNames: readonly string[];
  /** Names of roles; case does not count. */
  roles: readonly string[];
}

/**
 * Whether a person is protected: by the login he wants, has or had, or by a role he has in Genesys Cloud. Roles are
 * known only of users that the run has listed.
 */
export function isProtected(candidate: Pick<Candidate, 'desired' | 'link' | 'actual'>, protect: Protection): boolean {
  const logins = [candidate.desired?.userName, candidate.link?.userName, candidate.actual?.userName];
  const named = logins.some(
    (login) => login !== undefined && protect.userNames.some((pattern) => matchesPattern(pattern, login)),
  );
  if (named || candidate.actual === null) return named;
  const roles = rolesOf(candidate.actual);
  return protect.roles.some((role) => roles.has(role.toLowerCase()));
}

/** Compares a text with a pattern in which `*` stands for any text; ignores case; linear but for the patterns' length. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  const subject = text.toLowerCase();
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return subject === first;
  if (!subject.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const at = subject.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return subject.length - last.length >= from && subject.endsWith(last);
}

function rolesOf(user: ScimUser): Set<string> {
  const roles = memberOf(user, 'roles');
  const items: unknown[] = Array.isArray(roles) ? roles : [];
  const names = items.flatMap((item) => [item, memberOf(item, 'value'), memberOf(item, 'display')]);
  return new Set(names.filter((name) => typeof name === 'string').map((name) => name.toLowerCase()));
}
