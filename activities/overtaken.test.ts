import { expect, test } from 'vitest';
import { CHANGE_KINDS, type ChangeKind } from '../model/change.ts';
import { linkOf } from '../test/support/people.ts';
import type { LinkStanding } from '../state/state.ts';
import { overtakenBy, type Overtaken } from './overtaken.ts';

const standing = (overtaken: LinkStanding['overtaken'], stamp: string | null = 'stamp'): LinkStanding => ({
  ...{ stamp, overtaken, retired: false },
});
const NEW: ChangeKind[] = ['create', 'recycle', 'rebind'];
const OTHERS = CHANGE_KINDS.filter((kind) => !NEW.includes(kind));

const byKind = (
  kind: ChangeKind,
  stands: LinkStanding,
  link: { active: boolean } | null = { active: true },
): Overtaken => overtakenBy({ kind, genesysId: null }, stands, link && linkOf(link));

test.each(OTHERS)('a planned %s goes ahead as planned while nobody else wrote the person', (kind) => {
  expect(byKind(kind, standing('no'))).toEqual({ reason: null, fresh: false });
});

test.each(CHANGE_KINDS)('a %s is void once a run that may have read later wrote the person', (kind) => {
  expect(byKind(kind, standing('newer')).reason).toContain('another run');
});

test.each(NEW)('a %s goes ahead only while there is no link', (kind) => {
  expect(byKind(kind, standing('no', null), null)).toEqual({ reason: null, fresh: false });
  expect(byKind(kind, standing('no')).reason).toContain('created');
});

test.each<[ChangeKind, boolean, boolean]>([
  ['update', true, true],
  ['update', false, false],
  ['deactivate', true, true],
  ['deactivate', false, false],
  ['reactivate', false, true],
  ['adopt', true, false],
])('over an older read a %s of somebody with active %s goes ahead: %s', (kind, active, ahead) => {
  const { reason, fresh } = byKind(kind, standing('older'), { active });
  expect({ ahead: reason === null, fresh }).toEqual({ ahead, fresh: ahead });
});

test('whose login another run gave to somebody else is not written over it, but when it was so before', () => {
  const { reason } = byKind('reactivate', { ...standing('older'), retired: true }, { active: false });
  expect(reason).toContain('login');
  expect(byKind('reactivate', { ...standing('no'), retired: true }, { active: false }).reason).toBeNull();
});

test.each<[string, LinkStanding, string | null, RegExp]>([
  ['goes ahead while he is linked to that user', standing('no'), 'deleted', /^goes ahead$/],
  ['is void once he is linked to another one', standing('no'), 'another', /another user/],
  ['is void once he is unlinked', standing('no', null), null, /unlinked/],
  ['is void once another run wrote him', standing('older'), 'deleted', /another run/],
])('a create in place of a deleted user %s', (_, stands, genesysId, reason) => {
  const link = genesysId === null ? null : linkOf({ genesysId });
  const overtaken = overtakenBy({ kind: 'create', genesysId: 'deleted' }, stands, link);
  expect(overtaken.fresh).toBe(false);
  expect(overtaken.reason ?? 'goes ahead').toMatch(reason);
});
