import { ConfigError } from '../../model/errors.ts';
import { withSession } from '../session.ts';
import { startRun, type StartOptions } from '../start-run.ts';

export interface StartSyncOptions extends StartOptions {
  mode: string;
  dryRun?: boolean;
}

/** `start-sync`: a run over the whole directory, in full or by what has changed since (delta). */
export function startSync(options: StartSyncOptions): Promise<number> {
  const { mode } = options;
  if (mode !== 'full' && mode !== 'delta') {
    throw new ConfigError(`Unknown mode ${mode}; use --mode full or --mode delta.`);
  }
  return withSession(options, (session) => startRun(session, options, { mode, dryRun: options.dryRun === true }));
}
