import type { Candidate } from '../../model/candidate.ts';
import type { PlannedChange } from '../../model/change.ts';
import { ENTERPRISE_USER } from '../../model/scim-path.ts';
import type { DesiredAttribute, DesiredUser, Link, ScimUser, ScimValue } from '../../model/user.ts';

/** Made-up people for tests of planning: Ann, as everything that stands for her, one consistent with the other. */

export const ANN = '0a000000-0000-4000-8000-000000000001';
export const ANN_ID = 'd2ac184e-4733-41e9-8a45-3459e1efd8c7';
export const MANAGER_PATH = `${ENTERPRISE_USER}:manager`;

export function owned(path: string, value: ScimValue | null, more: Partial<DesiredAttribute> = {}): DesiredAttribute {
  return { path, value, reference: null, apply: 'always', onEmpty: 'clear', ...more };
}

export function manager(anchor: string | null): DesiredAttribute {
  return owned(MANAGER_PATH, null, { reference: anchor });
}

/** Ann with login, display name and whatever else is given. */
export function desiredUser(attributes: DesiredAttribute[] = [], more: Partial<DesiredUser> = {}): DesiredUser {
  const userName = more.userName ?? 'ann.lee@example.com';
  const displayName = more.displayName ?? 'Ann Lee';
  return {
    anchor: ANN,
    directory: 'corp-ad',
    dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
    userName,
    displayName,
    active: true,
    inactiveBecause: null,
    attributes: [owned('displayName', displayName), ...attributes, owned('userName', userName)],
    ownedLists: [],
    dueAt: null,
    ...more,
  };
}

export function linkOf(more: Partial<Link> = {}): Link {
  return {
    anchor: ANN,
    genesysId: ANN_ID,
    directory: 'corp-ad',
    dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
    userName: 'ann.lee@example.com',
    displayName: 'Ann Lee',
    active: true,
    written: { displayName: 'Ann Lee', userName: 'ann.lee@example.com' },
    writtenHash: 'hash',
    version: '1',
    seenUnder: null,
    ...more,
  };
}

export function genesysUser(more: Record<string, unknown> = {}): ScimUser {
  return { id: ANN_ID, userName: 'ann.lee@example.com', displayName: 'Ann Lee', active: true, ...more };
}

export function candidateOf(more: Partial<Candidate> = {}): Candidate {
  return {
    anchor: ANN,
    desired: desiredUser(),
    hash: 'hash',
    present: true,
    directory: 'corp-ad',
    dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
    problems: [],
    disabledBecause: null,
    link: null,
    actual: null,
    deleted: false,
    ...more,
  };
}

export function changeOf(more: Partial<PlannedChange> = {}): PlannedChange {
  return {
    anchor: ANN,
    kind: 'create',
    genesysId: null,
    directory: 'corp-ad',
    dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
    userName: 'ann.lee@example.com',
    displayName: 'Ann Lee',
    reason: 'new in corp-ad',
    before: null,
    after: { displayName: 'Ann Lee', active: true },
    desired: desiredUser(),
    operations: null,
    absent: false,
    heldBecause: null,
    parked: null,
    ...more,
  };
}
