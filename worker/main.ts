import { hostname } from 'node:os';
import type { Settings } from '../model/settings.ts';
import type { Logger } from '../telemetry/log.ts';
import { runProgram } from './program.ts';

/** `npm run worker -- [--config FILE]`: runs until SIGTERM or SIGINT, then lets users in flight finish. */
async function work(settings: Settings, log: Logger): Promise<void> {
  // The SDK takes longer to load than a wrong configuration to refuse.
  const { startWorker } = await import('./start.ts');
  const worker = await startWorker(settings, log);
  process.stdout.write(`Rollcall worker ready: sync ${settings.name} on ${hostname()}, pid ${process.pid}\n`);
  const stop = (): void => worker.shutdown();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await worker.finished;
}

runProgram({ script: 'worker', name: 'the worker', work });
