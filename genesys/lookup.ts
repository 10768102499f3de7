import { GenesysError } from '../model/errors.ts';
import { INACTIVE } from '../model/profile.ts';
import { GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import type { Call } from './call.ts';
import { waitOutThrottling, wholeListing } from './listing.ts';
import { hasExternalId } from './scim-user.ts';
import type { UsersResource } from './users.ts';

/** More with full attributes may be refused with 429. */
export const FULL_PAGE = 25;
/** Without roles, skills and external ids a page costs the service little. */
const SLIM_PAGE = 100;
/** A look-up has one answer, or a few; a service that returns more has ignored the filter. */
const MOST_MATCHES = 100;

/** One look-up: what the service is asked, and what its answer must fulfil. */
interface Wanted {
  filter: string;
  value: string;
  matches: (user: ScimUser) => boolean;
  /** What a listing must return so that `matches` can decide. */
  attributes: readonly string[];
  pageSize: number;
}

export interface LookUpOptions {
  /**
   * Whether a miss is followed by a search of the inactive listing (100 users a request for logins, 25 for external
   * ids). Default true. False where another look-up of the same person searches it anyway.
   */
  inactive?: boolean;
}

/** Logins compare ignoring case. */
export function byUserName(userName: string): Wanted {
  const folded = userName.toLowerCase();
  return {
    filter: `userName eq ${JSON.stringify(userName)}`,
    value: userName,
    matches: (user) => user.userName.toLowerCase() === folded,
    attributes: ['userName'],
    pageSize: SLIM_PAGE,
  };
}

/** The SCIM `externalId` is case-exact. */
export function byExternalId(externalId: string): Wanted {
  return {
    filter: `externalId eq ${JSON.stringify(externalId)}`,
    value: externalId,
    matches: (user) => user.externalId === externalId,
    attributes: ['externalId'],
    pageSize: FULL_PAGE,
  };
}

/** One of the `externalIds` of the Genesys extension; the only filter for which `and` is documented. */
export function byAuthority(authority: string, value: string): Wanted {
  const pair = `authority eq ${JSON.stringify(authority)} and value eq ${JSON.stringify(value)}`;
  return {
    filter: `${GENESYS_USER}:externalIds[${pair}]`,
    value,
    matches: (user) => hasExternalId(user, authority, value),
    attributes: [`${GENESYS_USER}:externalIds`],
    pageSize: FULL_PAGE,
  };
}

/**
 * Active and inactive users that match. Genesys documents that a query without filter returns active users and that
 * `active eq false` returns inactive ones, but not whether another filter finds inactive users, and no `and` between
 * filters. So: the filter first; on a miss the whole inactive listing is searched, unless the service is one whose
 * filters know no such difference. What the service returns is compared
 * again here, because a filter that is ignored would otherwise name the wrong person.
 */
export async function lookUp(
  users: UsersResource,
  wanted: Wanted,
  call: Call,
  { inactive = true }: LookUpOptions = {},
): Promise<ScimUser[]> {
  const found = await filtered(users, wanted, call);
  const complete = found.length > 0 || !inactive || users.profile.filtersFindInactive;
  return complete ? found : amongInactive(users, wanted, call);
}

async function filtered(users: UsersResource, wanted: Wanted, call: Call): Promise<ScimUser[]> {
  const fetchPage = (startIndex: number) => {
    const attributes = users.profile.listedAttributes;
    const query = { filter: wanted.filter, startIndex, count: FULL_PAGE, attributes };
    return users.page(query, call, [wanted.value]).then(refuseTooMany);
  };
  const found: ScimUser[] = [];
  for await (const page of wholeListing(fetchPage)) found.push(...page.filter(wanted.matches));
  return found;
}

function refuseTooMany<T extends { total: number }>(page: T): T {
  if (page.total <= MOST_MATCHES) return page;
  throw new GenesysError(
    'genesys.protocol',
    `Genesys Cloud found ${page.total} users where one was looked for: check that target.baseUrl names Genesys Cloud, which takes such filters.`,
  );
}

async function amongInactive(users: UsersResource, wanted: Wanted, call: Call): Promise<ScimUser[]> {
  const { attributes, pageSize } = wanted;
  const fetchPage = (startIndex: number) => {
    const query = { filter: INACTIVE, startIndex, count: pageSize, attributes };
    return waitOutThrottling(() => users.page(query, call), call.signal);
  };
  const found: ScimUser[] = [];
  for await (const page of wholeListing(fetchPage)) {
    for (const { id } of page.filter(wanted.matches)) {
      const user = (await users.get(id, call))?.user;
      if (user !== undefined && wanted.matches(user)) found.push(user);
    }
  }
  return found;
}
