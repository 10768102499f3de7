import { describe, expect, test } from 'vitest';
import { genesysUser } from '../test/support/people.ts';
import { withRestoredRoles } from './restored-roles.ts';

const roles = (...names: string[]) => names.map((value) => ({ value }));
const back = { op: 'replace' as const, path: 'active', value: true };
const difference = { operations: [back], before: { active: false }, after: { active: true } };
const about = { drifted: [], unresolved: [], ...difference };
const kept = genesysUser({ roles: roles('employee', 'agent', 'supervisor', 'Admin') });
const circumstances = {
  kept,
  actual: genesysUser({ active: false, roles: roles('Employee') }),
  written: {},
  grantable: [],
  protectedRoles: ['admin'],
};

describe('a returner', () => {
  test('gets the roles back that he lost, but never a protected one', () => {
    expect(withRestoredRoles(about, circumstances)).toMatchObject({
      operations: [back, { op: 'add', path: 'roles', value: roles('agent', 'supervisor') }],
      before: { active: false, roles: ['Employee'] },
      after: { active: true, roles: ['Employee', 'agent', 'supervisor'] },
    });
  });

  test('gets only those that may be granted', () => {
    const { operations } = withRestoredRoles(about, { ...circumstances, grantable: ['supervisor', 'Admin'] });
    expect(operations.slice(1)).toEqual([{ op: 'add', path: 'roles', value: roles('supervisor') }]);
  });

  test('gets none back that the mapping gave: what it wants it gives itself', () => {
    const written = { 'roles[value eq "agent"]': { value: 'agent' }, roles: roles('supervisor') };
    expect(withRestoredRoles(about, { ...circumstances, written })).toBe(about);
  });

  test('who lost nothing is written nothing more', () => {
    expect(withRestoredRoles(about, { ...circumstances, actual: kept })).toBe(about);
    expect(withRestoredRoles(about, { ...circumstances, kept: genesysUser() })).toBe(about);
  });
});
