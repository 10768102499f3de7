import type { Profile } from '../model/profile.ts';
import { GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import { isObject, parseObject } from './error-body.ts';

/** A page of a listing. */
export interface UserPage {
  /** `totalResults`: how many users the whole listing has, as of this page. */
  total: number;
  users: ScimUser[];
}

type Telling = Pick<Profile, 'alwaysTellsActive'>;

/** A SCIM User from a body; null when it is none. */
export function parseUser(body: Buffer, profile: Telling): ScimUser | null {
  return asUser(parseObject(body), profile);
}

/** A SCIM ListResponse of users from a body; null when it, or anything in it, is none. */
export function parsePage(body: Buffer, profile: Telling): UserPage | null {
  const list = parseObject(body);
  const total = list?.['totalResults'];
  if (typeof total !== 'number' || !Number.isInteger(total) || total < 0) return null;
  const resources = list?.['Resources'] ?? [];
  if (!Array.isArray(resources)) return null;
  const users = resources.map((one) => asUser(one, profile)).filter((user) => user !== null);
  return users.length === resources.length ? { total, users } : null;
}

/** Whether a user has this pair among the external ids of the Genesys extension. Both are case-sensitive. */
export function hasExternalId(user: ScimUser, authority: string, value: string): boolean {
  const extension = user[GENESYS_USER];
  const ids = isObject(extension) ? extension['externalIds'] : undefined;
  if (!Array.isArray(ids)) return false;
  return ids.some((id: unknown) => isObject(id) && id['authority'] === authority && id['value'] === value);
}

/** `id` and `userName` are always returned, and by some services `active`; null stands for "not assigned" (RFC 7643, 2.5) and is left out. */
function asUser(value: unknown, { alwaysTellsActive }: Telling): ScimUser | null {
  if (!isObject(value)) return null;
  const user = Object.fromEntries(Object.entries(value).filter(([, attribute]) => attribute !== null));
  const { id, userName, displayName, externalId, meta } = user;
  const active = 'active' in user || alwaysTellsActive ? user['active'] : true;
  if (typeof id !== 'string' || id === '') return null;
  if (typeof userName !== 'string' || typeof active !== 'boolean') return null;
  if (!isTextOrAbsent(displayName) || !isTextOrAbsent(externalId)) return null;
  return {
    ...user,
    id,
    userName,
    active,
    ...(displayName === undefined ? {} : { displayName }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(isObject(meta) ? { meta: withTextVersion(meta) } : {}),
  };
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** Examples show the version as text; a number would break the comparison with what state keeps. */
function withTextVersion(meta: Record<string, unknown>): { version?: string } {
  const { version, ...rest } = meta;
  const known = typeof version === 'string' || typeof version === 'number';
  return known ? { ...rest, version: String(version) } : rest;
}
