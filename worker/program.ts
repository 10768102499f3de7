import { parseArgs } from 'node:util';
import { loadSettings } from '../config/load.ts';
import { ConfigError, RollcallError } from '../model/errors.ts';
import type { Settings } from '../model/settings.ts';
import { openLog, type Logger } from '../telemetry/log.ts';
import { scrubber } from '../telemetry/scrub.ts';
import { knownSecrets } from './known-secrets.ts';

/** A program of this room: takes `--config FILE`, works until it is told to stop, ends with 1 or, for wrong usage, 2. */
export interface Program {
  /** How `npm run` calls it. */
  script: string;
  /** How sentences call it. */
  name: string;
  work(settings: Settings, log: Logger): Promise<void>;
}

/** Runs a program to its end, which is the end of the process. */
export function runProgram(program: Program): void {
  main(program).then(
    () => process.exit(0),
    (error: unknown) => {
      const unexpected = error instanceof RollcallError ? '' : 'Unexpected: ';
      const message = error instanceof Error ? error.message : String(error);
      // Nobody wrote this text for people: it may quote what it failed on.
      process.stderr.write(`${unexpected}${unexpected === '' ? message : scrubber(() => [])(message)}\n`);
      const code = error instanceof RollcallError ? error.code : '';
      process.exit(code.startsWith('config.') || code === 'mapping.invalid' ? 2 : 1);
    },
  );
}

async function main({ script, name, work }: Program): Promise<void> {
  const values = options(name);
  if (values.help === true) {
    process.stdout.write(`Usage: npm run ${script} -- [--config FILE]   (else ROLLCALL_CONFIG, else rollcall.yaml)\n`);
    return;
  }
  const settings = loadSettings({
    ...(values.config === undefined ? {} : { file: values.config }),
    env: process.env,
    cwd: process.cwd(),
  });
  const log = openLog(settings.telemetry.logLevel, { secrets: knownSecrets(settings, process.env) });
  for (const warning of settings.warnings) log.warn(warning);
  await work(settings, log);
}

function options(name: string) {
  try {
    return parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    const [cause = ''] = error instanceof Error ? error.message.split(/\. /) : [];
    throw new ConfigError(`${cause.replace(/\.$/, '')}; ${name} takes --config FILE and nothing else.`);
  }
}
