import { ENTERPRISE_USER, GENESYS_USER } from './scim-path.ts';

/** What separates Genesys Cloud from any other SCIM 2.0 service; `target.profile` chooses one. */
export interface Profile {
  /** Path of the users resource below `target.baseUrl`. */
  usersPath: string;
  /** False: `target.baseUrl` is an origin, to which `usersPath` adds all. True: it is the SCIM root, with a path of its own. */
  rooted: boolean;
  /** SCIM filters whose listings hold every user between them; null = the listing without a filter. */
  listings: readonly (string | null)[];
  /** Whether a filter by login or external id finds inactive users too. False: the listing of inactive ones is searched after it. */
  filtersFindInactive: boolean;
  /** Attributes to ask for by name in listings, because they are left out otherwise; null = nothing is asked for. */
  listedAttributes: readonly string[] | null;
  /** Whether every answer says `active`; where not, a user without it is active (RFC 7643 lets it be left out). */
  alwaysTellsActive: boolean;
  /** What ids look like. */
  ids: RegExp;
  /** Whether only the attributes that the service publishes may be mapped. */
  fixedSchema: boolean;
  /** Whether a login has to be an e-mail address. */
  addressLogins: boolean;
}

export type ProfileName = 'genesys' | 'generic';

/** Genesys Cloud documents that its listing without a filter returns active users alone, and `active eq false` the others. */
export const INACTIVE = 'active eq false';

const GENESYS: Profile = {
  usersPath: '/api/v2/scim/v2/users',
  rooted: false,
  listings: [null, INACTIVE],
  filtersFindInactive: false,
  // A listing returns groups, skills and external ids only when they are asked for.
  listedAttributes: [
    'displayName',
    'title',
    'externalId',
    'phoneNumbers',
    'emails',
    'groups',
    'roles',
    'meta',
    ENTERPRISE_USER,
    GENESYS_USER,
  ],
  alwaysTellsActive: true,
  ids: /^[\w-]{1,100}$/,
  fixedSchema: true,
  addressLogins: true,
};

/** The letter of RFC 7643 and 7644: one listing of everybody, whole users, `/Users` below the SCIM root. */
const GENERIC: Profile = {
  usersPath: '/Users',
  rooted: true,
  listings: [null],
  filtersFindInactive: true,
  listedAttributes: null,
  alwaysTellsActive: false,
  ids: /^(?!\.{1,2}$).{1,250}$/s,
  fixedSchema: false,
  addressLogins: false,
};

export const PROFILES: Readonly<Record<ProfileName, Profile>> = { genesys: GENESYS, generic: GENERIC };
