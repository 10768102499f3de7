import type { Projection } from './projection.ts';
import { CORE, ENTERPRISE, PURECLOUD } from './schema.ts';
import { allExternalIds, type SimUser } from './sim-user.ts';

const USERS = '/api/v2/scim/v2/users';

export interface GroupReference {
  id: string;
  displayName: string;
}

/** The user as SCIM shows him; attributes without value are absent. */
export function userResource(
  user: SimUser,
  projection: Projection,
  clientId: string,
  groups: () => readonly GroupReference[],
): Record<string, unknown> {
  const shown = (values: Record<string, unknown>): [string, unknown][] =>
    Object.entries(values).filter(([name, value]) => value !== null && projection.has(name));
  const enterprise = shown(enterpriseAttributes(user));
  const purecloud = shown({
    routingSkills: user.routingSkills,
    routingLanguages: user.routingLanguages,
    externalIds: allExternalIds(user, clientId),
  });
  return {
    schemas: [CORE, ENTERPRISE, PURECLOUD],
    ...Object.fromEntries(shown(coreAttributes(user))),
    ...(projection.has('groups') ? { groups: groups().map(groupReference) } : {}),
    ...(enterprise.length > 0 ? { [ENTERPRISE]: Object.fromEntries(enterprise) } : {}),
    ...(purecloud.length > 0 ? { [PURECLOUD]: Object.fromEntries(purecloud) } : {}),
    meta: {
      resourceType: 'User',
      lastModified: user.lastModified,
      location: userLocation(user.id),
      version: String(user.version),
    },
  };
}

export function userLocation(id: string): string {
  return `${USERS}/${id}`;
}

function coreAttributes(user: SimUser): Record<string, unknown> {
  const otherIsPrimary = !user.emails.some((email) => email.primary);
  return {
    id: user.id,
    active: user.state === 'active',
    userName: user.userName,
    displayName: user.displayName,
    title: user.title,
    externalId: user.externalId,
    phoneNumbers: user.phoneNumbers,
    emails: [{ value: user.userName, type: 'other', primary: otherIsPrimary }, ...user.emails],
    roles: user.roles,
  };
}

function enterpriseAttributes(user: SimUser): Record<string, unknown> {
  return {
    division: user.division,
    department: user.department,
    manager: user.manager === null ? null : { value: user.manager, $ref: userLocation(user.manager) },
    employeeNumber: user.employeeNumber,
    dateHire: user.dateHire,
  };
}

function groupReference(group: GroupReference): Record<string, unknown> {
  return { value: group.id, $ref: `/api/v2/scim/v2/groups/${group.id}`, display: group.displayName };
}
