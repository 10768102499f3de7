import { expect, test } from 'vitest';
import { RollcallError } from '../model/errors.ts';
import { readiness, type Need } from './readiness.ts';

const met: Need = { otherwise: 'never said', check: () => Promise.resolve() };
const failing = (error: Error): Need => ({ otherwise: 'State cannot be read.', check: () => Promise.reject(error) });

test('a worker that has everything is ready', async () => {
  expect(await readiness([met, met])()).toBeNull();
});

test('the first need that is not met is told in its own sentence, or in ours', async () => {
  const known = new RollcallError('temporal.unreachable', 'Temporal does not answer.');
  expect(await readiness([met, failing(known), failing(new Error('x'))])()).toBe('Temporal does not answer.');
  expect(await readiness([failing(new Error('password=hunter2'))])()).toBe('State cannot be read.');
});

test('a need that never answers counts as not met', async () => {
  const hanging: Need = { otherwise: 'State does not answer.', check: () => new Promise(() => undefined) };
  expect(await readiness([hanging])()).toBe('State does not answer.');
});

test('a crowd of questions asks each need once', async () => {
  let asked = 0;
  const ready = readiness([{ otherwise: '', check: async () => void (asked += 1) }]);
  await Promise.all(Array.from({ length: 20 }, () => ready()));
  expect(asked).toBe(1);
});
