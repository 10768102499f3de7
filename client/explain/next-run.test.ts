import { expect, test } from 'vitest';
import { runChange } from '../../test/support/run-details.ts';
import { asPlanned } from './next-run.ts';

test('a change that goes ahead is told with what it changes', () => {
  expect(asPlanned(runChange({ status: 'planned' }), [])).toEqual({
    ...{ kind: 'update', reason: 'title changed', before: { title: 'Agent' }, after: { title: 'Lead' } },
    ...{ parked: null, held: null },
  });
});

test('a change that would fail is told with its sentence', () => {
  const change = runChange({ status: 'parked', code: 'identity.login-taken', message: 'Taken.' });
  expect(asPlanned(change, [])).toMatchObject({
    parked: { code: 'identity.login-taken', message: 'Taken.' },
    held: null,
  });
});

test('a change that would wait is told with every reason, the policy first, else with the open batch', () => {
  const held = (heldBecause: string | null, limits: string[]) =>
    asPlanned(runChange({ status: 'held', heldBecause }), limits).held;
  expect(held('leavers.gone is set to hold', ['over the limit'])).toEqual([
    'leavers.gone is set to hold',
    'over the limit',
  ]);
  expect(held(null, [])).toEqual(['an open batch holds the person already']);
  expect(asPlanned(runChange({ status: 'planned' }), ['over the limit']).held).toBeNull();
});
