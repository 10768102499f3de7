import type { Dependencies } from './dependencies.ts';
import { endDeleted, predecessorOf } from './prepared-write.ts';
import { runUnderWay } from './run-under-way.ts';
import { recorded, type Attempt, type WriteInput, type WriteResult } from './write-attempt.ts';

/**
 * Keeps what SCIM shows of the user whom a recycle is about to retire: roles, division, skills and the rest, since making
 * somebody inactive takes roles away for good. `applied`: the picture is kept, or the user is retired already.
 */
export async function snapshotUser(dependencies: Dependencies, input: WriteInput): Promise<WriteResult> {
  const { genesys, state } = dependencies;
  const row = await state.changes.get(input.runId, input.seq);
  if (row === null) throw new Error(`change ${input.seq} of run ${input.runId} does not exist`);
  if (row.status !== 'planned' && row.status !== 'writing') return recorded(row);
  await runUnderWay(dependencies, input.runId);
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const attempt: Attempt = { dependencies, input, row, call: { requests } };
  const { anchor, genesysId } = predecessorOf(attempt);
  const done: WriteResult = { outcome: 'applied', correlationId: null };
  // Whoever has begun to write took his picture before.
  if (row.status === 'writing' || row.step === 'create') return done;
  try {
    const found = await genesys.get(genesysId, attempt.call);
    if (found === null) return await endDeleted(attempt, null);
    await state.snapshots.keep({ sync: row.sync, runId: input.runId, genesysId, anchor, user: found.user });
    return done;
  } finally {
    await state.runs.addRequests(input.runId, requests);
  }
}
