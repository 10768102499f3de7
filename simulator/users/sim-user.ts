export type ListItem = Record<string, string | number | boolean>;

/** Only `work` is stored; the `other` address is the login and is made when the user is shown. */
export type Email = { type: 'work'; value: string; primary: boolean };
export type PhoneNumber = { type: string; value: string; primary: boolean };
export type Role = { value: string };
export type Proficiency = { name: string; proficiency: number };
export type ExternalId = { authority: string; value: string };

/** A user as the simulator keeps him. Records are never changed in place: a write puts a new one. */
export interface SimUser {
  id: string;
  /** Order of creation; lists keep it. */
  sequence: number;
  state: 'active' | 'inactive' | 'deleted';
  userName: string;
  displayName: string;
  title: string | null;
  externalId: string | null;
  emails: readonly Email[];
  phoneNumbers: readonly PhoneNumber[];
  roles: readonly Role[];
  division: string;
  department: string | null;
  /** Id of the manager. */
  manager: string | null;
  employeeNumber: string | null;
  /** `YYYY-MM-DD`. */
  dateHire: string | null;
  routingSkills: readonly Proficiency[];
  routingLanguages: readonly Proficiency[];
  /** Without the immutable entry that mirrors `externalId`; see {@link allExternalIds}. */
  externalIds: readonly ExternalId[];
  /** Counts the writes of this user. */
  version: number;
  /** ISO time. */
  lastModified: string;
}

/** A user to start with: only the login is needed. */
export type SeedUser = Partial<Omit<SimUser, 'sequence'>> & { userName: string };

/** Beginning of the authority of the entry that mirrors `externalId`; the real rest of it is not published. */
export const SCIM_AUTHORITY = 'x-pc:scimv2:v1';

/** The entry that mirrors `externalId`; its authority is bound to the OAuth client. */
export function mirrorOf(user: Pick<SimUser, 'externalId'>, clientId: string): ExternalId[] {
  return user.externalId === null ? [] : [{ authority: `${SCIM_AUTHORITY}:${clientId}`, value: user.externalId }];
}

export function allExternalIds(user: Pick<SimUser, 'externalId' | 'externalIds'>, clientId: string): ExternalId[] {
  return [...mirrorOf(user, clientId), ...user.externalIds];
}

/** A user with nothing but an id and a login. */
export function blankUser(id: string, userName: string): SimUser {
  return {
    id,
    sequence: 0,
    state: 'active',
    userName,
    displayName: userName,
    title: null,
    externalId: null,
    emails: [],
    phoneNumbers: [],
    roles: [],
    division: 'Home',
    department: null,
    manager: null,
    employeeNumber: null,
    dateHire: null,
    routingSkills: [],
    routingLanguages: [],
    externalIds: [],
    version: 0,
    lastModified: '',
  };
}
