import { withSession, type ActingOptions } from '../session.ts';
import { startRun } from '../start-run.ts';

/** `retry-failed`: a run over the people whose changes are parked; they are read and planned anew. */
export function retryFailed(options: ActingOptions): Promise<number> {
  return withSession(options, (session) => startRun(session, options, { mode: 'parked', dryRun: false }));
}
