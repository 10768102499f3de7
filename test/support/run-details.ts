import type { RunDetails } from '../../client/report/details.ts';
import { CHANGE_KINDS, type ChangeKind, type KindCounts } from '../../model/change.ts';
import type { RunChange } from '../../state/look-back.ts';
import { ANN, ANN_ID } from './people.ts';

/** A run that changed Ann's title and could not create Bob. */
export function runDetails(more: Partial<RunDetails> = {}): RunDetails {
  const none: KindCounts = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
  const zeros = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, none])) as Record<ChangeKind, KindCounts>;
  const changes = {
    ...zeros,
    create: { ...none, planned: 1, parked: 1 },
    update: { ...none, planned: 1, applied: 1 },
  };
  return {
    report: {
      ...{ runId: 'run-1', workflowId: 'rollcall:corp', mode: 'full', dryRun: false, outcome: 'parked', error: null },
      directory: { read: 3, inScope: 3, invalid: 1, complete: true },
      changes,
      unchanged: 1,
      requests: { token: 1, read: 0, write: 1, throttled: 0 },
      heldBatch: null,
      durationMs: 4_200,
    },
    ...{ actor: 'alice', configHash: 'config-1', notesLeftOut: false },
    ...{ startedAt: '2026-11-23T10:00:00.000Z', finishedAt: '2026-11-23T10:00:04.200Z' },
    takeover: null,
    notes: [
      { anchor: ANN, dn: 'CN=Ann Lee', severity: 'warning', attribute: 'phoneNumbers', problem: 'is no phone number' },
    ],
    changes: [
      runChange(),
      runChange({
        ...{ kind: 'create', status: 'parked', userName: 'bob@example.com', genesysId: null, at: null, actor: null },
        ...{ before: null, after: { title: 'Agent' }, correlationId: null },
        ...{ code: 'identity.invalid-entry', message: 'Correct the mail address.' },
      }),
    ],
    ...more,
  };
}

/** Ann's applied update, with whatever else is given. */
export function runChange(more: Partial<RunChange> = {}): RunChange {
  return {
    ...{ anchor: ANN, kind: 'update', status: 'applied', userName: 'ann.lee@example.com', displayName: 'Ann Lee' },
    ...{ dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example', genesysId: ANN_ID, reason: 'title changed' },
    ...{ before: { title: 'Agent' }, after: { title: 'Lead' } },
    ...{ at: '2026-11-23T10:00:03.000Z', actor: 'alice', code: null, message: null, correlationId: 'c-1' },
    heldBecause: null,
    ...more,
  };
}
