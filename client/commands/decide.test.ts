import { expect, test } from 'vitest';
import type { Batch } from '../../state/state.ts';
import { whyClosed } from './decide.ts';

const batch: Batch = {
  ...{ hash: 'abc', sync: 'corp', runId: 'run-1', configHash: 'config-1', dryRun: false, status: 'void' },
  ...{ reasons: [], size: 3, createdAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-24T10:00:00.000Z' },
  ...{ decidedAt: '2026-11-23T11:00:00.000Z', decidedBy: null, decisionReason: null },
};

test.each<[string, Partial<Batch>, string]>([
  ['a decision', { status: 'rejected', decidedBy: 'ann' }, 'rejected by ann'],
  ['expiry', { status: 'expired', decidedBy: 'expiry' }, 'expired: nobody decided in time'],
  ['expiry that a run noticed', { expiresAt: '2026-11-23T10:30:00.000Z' }, 'expired: nobody decided in time'],
  ['another configuration', { configHash: 'config-2' }, 'void: it was made under another configuration'],
  ['a run after a dry run', { dryRun: true }, "void: a dry run's plan ends with the next run"],
  ['a later run', {}, 'void: a later run replaced it'],
])('a batch closed by %s says so', (_, more, sentence) => {
  expect(whyClosed({ ...batch, ...more }, 'config-1')).toBe(sentence);
});
