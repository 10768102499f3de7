import { ConfigError } from '../../model/errors.ts';
import { withSession } from '../session.ts';
import { startRun, type StartOptions } from '../start-run.ts';

export interface StartSyncOptions extends StartOptions {
  mode: string;
  dryRun?: boolean;
}

/** `start-sync`: one run over the whole directory. */
export function startSync(options: StartSyncOptions): Promise<number> {
  if (options.mode === 'delta') {
    throw new ConfigError('Mode delta is not part of this version yet; run with --mode full.', {
      code: 'config.unsupported',
    });
  }
  if (options.mode !== 'full') throw new ConfigError(`Unknown mode ${options.mode}; use --mode full.`);
  return withSession(options, (session) =>
    startRun(session, options, { mode: 'full', dryRun: options.dryRun === true }),
  );
}
