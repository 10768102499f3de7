import { expect, test } from 'vitest';
import { CHANGE_KINDS, type ChangeKind, type KindCounts } from '../model/change.ts';
import { renderReport } from './render-report.ts';

function nextSteps(dryRun: boolean): string {
  const none: KindCounts = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
  const changes = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, none])) as Record<ChangeKind, KindCounts>;
  return renderReport({
    ...{ runId: 'r', workflowId: 'w', mode: 'full', dryRun, outcome: 'parked', error: null, heldBatch: null },
    ...{ directory: { read: 2, inScope: 2, invalid: 2, complete: true }, unchanged: 0, durationMs: 1 },
    changes: { ...changes, create: { ...none, planned: 2, parked: 2 } },
    requests: { token: 0, read: 0, write: 0, throttled: 0 },
  });
}

test('a run sends to `parked` for what it parked, a dry run to its report, since it parks nobody', () => {
  expect(nextSteps(false)).toContain('`parked`; then `retry-failed`');
  expect(nextSteps(true)).toContain('`report last`');
  expect(nextSteps(true)).not.toMatch(/`parked`|retry-failed/);
});
