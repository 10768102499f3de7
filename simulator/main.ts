import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { SimulatorOptions } from './options.ts';
import { startSimulator } from './start.ts';

/** The command `simulator`; `run` receives what was asked for. */
export function simulatorCommand(run: (options: Partial<SimulatorOptions>) => Promise<void>): Command {
  const command = new Command('simulator')
    .description('A Genesys Cloud for demos, tests and rehearsals: OAuth and SCIM as the real one behaves, in memory.')
    .option('--host <address>', 'address to listen on; others than loopback open the steering API to the network')
    .addOption(new Option('--port <port>', 'port of the API').argParser(port).default(8087))
    .addOption(
      new Option('--login-port <port>', 'port of the login host and of /_simulator').argParser(port).default(8088),
    )
    .option('--client-id <id>', 'id of the OAuth client')
    .option('--client-secret <secret>', 'secret of the OAuth client')
    .option('--requests-per-minute <number>', 'requests allowed per window', whole)
    .option('--token-life <seconds>', 'seconds a token lives', whole)
    .option('--index-lag <seconds>', 'seconds that filtered lists trail behind writes', seconds);
  addNames(command);
  addToggles(command);
  return command.action((given: Record<string, unknown>) => run(optionsOf(given)));
}

function addNames(command: Command): void {
  command
    .option('--divisions <names>', 'divisions that exist, comma-separated', list)
    .option('--roles <names>', 'roles that exist, comma-separated', list)
    .option('--skills <names>', 'skills that exist, comma-separated', list)
    .option('--languages <names>', 'languages that exist, comma-separated', list)
    .option('--groups <names>', 'groups that exist, comma-separated', list)
    .option('--permissions <names>', "permissions of the client's role, comma-separated", list);
}

/** Points on which public sources disagree or keep silent; `options.ts` says what they suggest. */
function addToggles(command: Command): void {
  command
    .addOption(numeric('--invalid-client-status <status>', 'status of invalid_client', ['400', '401']))
    .addOption(numeric('--stale-version <status>', 'status of a stale If-Match', ['400', '409', '412']))
    .addOption(choice('--rate-limit-per <what>', 'what has a rate window of its own', ['token', 'client']))
    .addOption(choice('--revival <how>', "POST of a deleted user's login", ['same-id', 'bare', 'new-id']))
    .addOption(choice('--unknown-attributes <how>', 'attributes outside the schema', ['refuse', 'drop']))
    .addOption(choice('--unknown-reference <how>', 'names and ids that do not exist', ['400', '404', 'drop']))
    .addOption(choice('--remove-without-match <how>', 'remove that finds nothing', ['noTarget', 'ignore']))
    .option('--allow-body-credentials', 'accept client id and secret in the form body')
    .option('--throttle-large-pages', 'answer 429 to large pages with full attributes')
    .option('--filters-find-inactive', 'let filters find inactive users')
    .option('--keep-roles-when-inactive', 'keep the roles of users who become inactive')
    .option('--max-count <number>', 'most items of a page', whole)
    .option('--inactive-list-cap <number>', 'furthest position of the inactive listing', whole);
}

function choice(flags: string, text: string, choices: string[]): Option {
  return new Option(flags, text).choices(choices);
}

function numeric(flags: string, text: string, choices: string[]): Option {
  return new Option(flags, `${text} (${choices.join(', ')})`).argParser((value: string) => {
    if (!choices.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
    return Number(value);
  });
}

function optionsOf(given: Record<string, unknown>): Partial<SimulatorOptions> {
  const { port: apiPort, tokenLife, indexLag, ...rest } = given;
  const renamed = { apiPort, tokenLifeSeconds: tokenLife, indexLagSeconds: indexLag };
  const present = Object.entries(renamed).filter(([, value]) => value !== undefined);
  return { ...rest, ...Object.fromEntries(present) };
}

function port(text: string): number {
  const value = whole(text);
  if (value > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
  return value;
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Give seconds.');
  return Number(text);
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Prints a line for each listener, then `ready`; serves until SIGTERM or SIGINT. */
async function serve(options: Partial<SimulatorOptions>): Promise<void> {
  const simulator = await startSimulator({ ...options, onAlarm: (sentence) => console.error(`ALARM: ${sentence}`) });
  const stop = (): void => void simulator.stop();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(`api ${simulator.apiUrl}`);
  console.log(`login ${simulator.loginUrl} (token ${simulator.tokenUrl}, steering ${simulator.loginUrl}/_simulator)`);
  console.log('ready');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await simulatorCommand(serve)
    .parseAsync()
    .catch((error: unknown) => {
      const cause = error instanceof Error ? error.message : String(error);
      console.error(`The simulator could not start: ${cause}. Choose other ports with --port and --login-port.`);
      process.exitCode = 1;
    });
}
