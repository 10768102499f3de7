import { Context } from '@temporalio/activity';
import type { Dependencies, RunRef } from './dependencies.ts';
import { runUnderWay } from './run-under-way.ts';

/** Lists the users of the organisation, active and inactive, into state: planning then sees drift and taken logins. */
export async function listGenesysUsers(dependencies: Dependencies, { runId }: RunRef): Promise<{ users: number }> {
  const { genesys, state } = dependencies;
  await runUnderWay(dependencies, runId);
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const call = { requests, signal: Context.current().cancellationSignal };
  try {
    await state.inventory.begin(runId);
    for await (const users of genesys.list(call)) await state.inventory.add(runId, users);
    await state.inventory.complete(runId);
  } finally {
    await state.runs.addRequests(runId, requests);
  }
  return { users: await state.inventory.count(runId) };
}
