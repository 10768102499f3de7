import { expect, test } from 'vitest';
import { CHANGE_KINDS, type ChangeKind } from '../model/change.ts';
import type { LinkStanding } from '../state/state.ts';
import { overtakenBy } from './overtaken.ts';

const standing = (overtaken: LinkStanding['overtaken'], stamp: string | null = 'stamp'): LinkStanding => ({
  stamp,
  overtaken,
});
const NEW: ChangeKind[] = ['create', 'recycle', 'rebind'];
const OTHERS = CHANGE_KINDS.filter((kind) => !NEW.includes(kind));

test.each(OTHERS)('a planned %s goes ahead as planned while nobody else wrote the person', (kind) => {
  expect(overtakenBy(kind, standing('no'), true)).toEqual({ reason: null, fresh: false });
});

test.each(CHANGE_KINDS)('a %s is void once a run that may have read later wrote the person', (kind) => {
  expect(overtakenBy(kind, standing('newer'), true).reason).toContain('another run');
});

test.each(NEW)('a %s goes ahead only while there is no link', (kind) => {
  expect(overtakenBy(kind, standing('no', null), null)).toEqual({ reason: null, fresh: false });
  expect(overtakenBy(kind, standing('no'), true).reason).toContain('created');
});

test.each<[ChangeKind, boolean, boolean]>([
  ['update', true, true],
  ['update', false, false],
  ['deactivate', true, true],
  ['deactivate', false, false],
  ['reactivate', false, true],
  ['adopt', true, false],
])('over an older read a %s of somebody with active %s goes ahead: %s', (kind, active, ahead) => {
  const { reason, fresh } = overtakenBy(kind, standing('older'), active);
  expect({ ahead: reason === null, fresh }).toEqual({ ahead, fresh: ahead });
});
