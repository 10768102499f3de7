import type { RebindKey } from '../../model/run.ts';
import { withSession, type ActingOptions } from '../session.ts';
import { startRun } from '../start-run.ts';

export interface RebindOptions extends ActingOptions {
  by: RebindKey;
  dryRun?: boolean;
}

/** `rebind`: a run that plans new anchors for linked people and nothing else; its plan always waits for a decision. */
export function rebind(options: RebindOptions): Promise<number> {
  const { by, dryRun = false } = options;
  return withSession(options, (session) => startRun(session, options, { mode: 'rebind', dryRun, rebindBy: by }));
}
