import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DeterminismViolationError } from '@temporalio/workflow';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type ReplayWorkerOptions,
} from '@temporalio/worker';
import { loadSettings } from '../config/load.ts';
import { ConfigError, RollcallError } from '../model/errors.ts';
import type { EncryptionSettings } from '../model/settings.ts';
import { dataConverter } from '../temporal/data-converter.ts';
import { workflowCode } from './workflow-code.ts';

const USAGE = 'Usage: npm run replay -- [--config FILE] HISTORY.json ...   (--config where histories are encrypted)';

/** A history as `temporal workflow show --output json` prints it. */
interface History {
  workflowId: string;
  events: unknown[];
}

/**
 * `npm run replay -- HISTORY.json ...`: replays histories with the workflows as they are now. Exit status 0 when the code
 * follows every one, 1 when it would have done something else in one of them, 2 for wrong usage. Contacts nothing.
 */
async function main(): Promise<number> {
  const { config, files } = readArguments();
  const histories = files.map((file) => ({ file, history: read(file) }));
  const filter = makeTelemetryFilterString({ core: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
  const encryption = config === null ? null : encryptionOf(config);
  const options = { ...workflowCode(encryption), dataConverter: dataConverter(encryption) };
  let status = 0;
  for (const { file, history } of histories) {
    const fault = await faultOf(options, history);
    process.stdout.write(`${file}: ${fault ?? `the workflows follow all ${history.events.length} events`}\n`);
    if (fault !== null) status = 1;
  }
  return status;
}

function readArguments(): { config: string | null; files: string[] } {
  try {
    const { values, positionals } = parseArgs({ options: { config: { type: 'string' } }, allowPositionals: true });
    if (positionals.length > 0) return { config: values.config ?? null, files: positionals };
  } catch (error) {
    throw new ConfigError(USAGE, { cause: error });
  }
  throw new ConfigError(USAGE);
}

function encryptionOf(file: string): EncryptionSettings | null {
  return loadSettings({ file, env: process.env, cwd: process.cwd() }).encryption;
}

function read(file: string): History {
  const made = 'make one with `temporal workflow show --workflow-id ID --output json`';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The history ${file} cannot be read; ${made}.`, { cause: error });
  }
  const history = parsed(text);
  if (history === null) throw new ConfigError(`${file} is no history of a workflow; ${made}.`);
  return history;
}

function parsed(text: string): History | null {
  try {
    const { events } = JSON.parse(text) as {
      events?: { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[];
    };
    const workflowId = events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
    return events === undefined || workflowId === undefined ? null : { workflowId, events };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

/** Why the workflows do not follow a history; null when they do. */
async function faultOf(options: ReplayWorkerOptions, { workflowId, events }: History): Promise<string | null> {
  try {
    await Worker.runReplayHistory(options, { events }, workflowId);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The sentence of Temporal's core stands somewhere in a dump of its answer.
    const [sentence = message] = /\[TMPRL\d+\][^"]*/.exec(message) ?? [];
    return error instanceof DeterminismViolationError ? `the workflows would do something else: ${sentence}` : message;
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const known = error instanceof RollcallError;
    process.stderr.write(`${known ? '' : 'Unexpected: '}${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ConfigError || (known && error.code.startsWith('config.')) ? 2 : 1);
  },
);
