import { LaterError } from '../model/errors.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { waitForAnswer } from './in-flight.ts';
import { resolveClaim } from './resolve-claim.ts';
import { unfinishedBefore } from './unfinished-before.ts';
import type { Attempt } from './write-attempt.ts';

/**
 * Resolves the writes that earlier, closed runs left without outcome, before this run plans: what was carried out is
 * recorded, what was not is superseded, since this run plans it anew. A run on one person resolves that person's alone.
 */
export async function resolveUnfinished(dependencies: Dependencies, { runId, sync }: RunRef): Promise<void> {
  const { state } = dependencies;
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  let later: LaterError | undefined;
  try {
    for (const ref of await unfinishedBefore(dependencies, { runId, sync })) {
      const row = await state.changes.get(ref.runId, ref.seq);
      if (row === null) continue;
      const run = await state.runs.get(ref.runId);
      const attempt: Attempt = {
        dependencies,
        input: { ...ref, actor: run?.actor ?? 'rollcall' },
        row,
        call: { requests },
      };
      try {
        // A run that ended by itself waited for its requests; one that was ended from outside did not.
        if (run?.outcome === 'terminated') waitForAnswer(row);
        const resolved = await resolveClaim(attempt);
        if ('resend' in resolved) await state.changes.supersedeOne(ref, 'not carried out by the run that ended early');
      } catch (error) {
        if (!(error instanceof LaterError)) throw error;
        later = error;
      }
    }
  } finally {
    await state.runs.addRequests(runId, requests);
  }
  if (later !== undefined) throw later;
}
