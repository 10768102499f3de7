import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { loadSettings } from '../config/load.ts';
import { ConfigError, RollcallError } from '../model/errors.ts';
import { openLog } from '../telemetry/log.ts';
import { startWorker } from './start.ts';

const USAGE = 'Usage: npm run worker -- [--config FILE]   (else ROLLCALL_CONFIG, else rollcall.yaml)';

function options() {
  try {
    return parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    const [cause = ''] = error instanceof Error ? error.message.split(/\. /) : [];
    throw new ConfigError(`${cause.replace(/\.$/, '')}; the worker takes --config FILE and nothing else.`);
  }
}

/** `npm run worker -- [--config FILE]`: runs until SIGTERM or SIGINT, then lets users in flight finish. */
async function main(): Promise<void> {
  const values = options();
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const settings = loadSettings({
    ...(values.config === undefined ? {} : { file: values.config }),
    env: process.env,
    cwd: process.cwd(),
  });
  const log = openLog(settings.telemetry.logLevel);
  for (const warning of settings.warnings) log.warn(warning);
  const worker = await startWorker(settings, log);
  process.stdout.write(`Rollcall worker ready: sync ${settings.name} on ${hostname()}, pid ${process.pid}\n`);
  const stop = (): void => worker.shutdown();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await worker.finished;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const unexpected = error instanceof RollcallError ? '' : 'Unexpected: ';
    process.stderr.write(`${unexpected}${error instanceof Error ? error.message : String(error)}\n`);
    const code = error instanceof RollcallError ? error.code : '';
    process.exit(code.startsWith('config.') || code === 'mapping.invalid' ? 2 : 1);
  },
);
