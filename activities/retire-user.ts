import type { ChangeRow } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';
import { recorded, type WriteInput, type WriteResult } from './write-attempt.ts';
import { writeUser } from './write-user.ts';

/**
 * The first half of a recycle, by the write protocol. `applied`: the old user is retired, and the new one's turn has come,
 * or, with `ends`, everything is done.
 */
export async function retireUser(dependencies: Dependencies, input: WriteInput): Promise<WriteResult> {
  const row = await dependencies.state.changes.get(input.runId, input.seq);
  const result = await retired(dependencies, input, row);
  return row?.change.predecessor?.alone ? { ...result, ends: true } : result;
}

function retired(dependencies: Dependencies, input: WriteInput, row: ChangeRow | null): Promise<WriteResult> {
  if (row?.step !== 'create') return writeUser(dependencies, input);
  const isOpen = row.status === 'planned' || row.status === 'writing';
  return Promise.resolve(isOpen ? { outcome: 'applied', correlationId: row.correlationId } : recorded(row));
}
