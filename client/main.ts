#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError, RollcallError } from '../model/errors.ts';
import type { DecideOptions } from './commands/decide.ts';
import type { ProvisionOptions } from './commands/provision-user.ts';
import type { RunsOptions } from './commands/runs.ts';
import type { StartSyncOptions } from './commands/start-sync.ts';
import { EXIT, exitOfError } from './exit.ts';
import type { AddCommand, Load } from './add-command.ts';
import { LATER_COMMANDS } from './later-commands.ts';
import { addDailyCommands } from './daily-commands.ts';
import { addIdentityCommands } from './identity-commands.ts';
import { addLookBackCommands } from './look-back-commands.ts';
import { note, outliveReaders } from './output.ts';
import { positive } from './option-values.ts';
import { addScheduleCommands } from './schedule-commands.ts';
import type { ActingOptions, CommonOptions } from './session.ts';
import { refusedCommand, usageSentence } from './usage.ts';

/** The command line: parses, calls one command, and turns its end into an exit status. */
async function main(): Promise<number> {
  let status: number = EXIT.done;
  const program = new Command('rollcall')
    .description('Keeps the users of Genesys Cloud in step with Active Directory or LDAP.')
    .exitOverride()
    // What is wrong is told once, at the end of `main`, with its remedy.
    .configureOutput({ outputError: () => undefined });

  const add: AddCommand = <T extends CommonOptions>(
    name: string,
    text: string,
    load: Load<T>,
    parent: Command = program,
  ): Command => {
    const command = parent
      .command(name)
      .description(text)
      .option('--config <file>', 'configuration (else ROLLCALL_CONFIG, else rollcall.yaml)')
      .option('--json', 'print one JSON document on stdout');
    return command.action(async () => {
      const run = await load();
      status = await run(command.opts<T>(), ...command.args);
    });
  };
  const acting = <T extends ActingOptions>(name: string, text: string, load: Load<T>): Command =>
    add(name, text, load)
      .option('--actor <name>', "who acts, for the audit trail (default: the system's user)")
      .option('--wait', 'follow the run to its end and show its report');

  acting<StartSyncOptions>(
    'start-sync',
    'start a run',
    async () => (await import('./commands/start-sync.ts')).startSync,
  )
    .option('--mode <mode>', 'full, or delta: only what changed since people were last in step', 'full')
    .option('--dry-run', 'plan everything, write nothing')
    .option('--join', 'follow the run that is going on, if there is one');
  acting<ActingOptions>(
    'cancel',
    'stop the run that is going on, between two users',
    async () => (await import('./commands/cancel.ts')).cancel,
  );
  add<CommonOptions>(
    'watch',
    'follow the run that is going on, else show the last',
    async () => (await import('./commands/watch.ts')).watch,
  );
  add<CommonOptions>(
    'plan',
    'show the held batch, else the last plan',
    async () => (await import('./commands/plan.ts')).plan,
  );
  for (const verb of ['approve', 'reject'] as const) {
    acting<DecideOptions>(verb, `${verb} a held batch`, async () => (await import('./commands/decide.ts'))[verb])
      .requiredOption('--plan <hash>', 'hash of the held batch')
      .option('--reason <text>', 'why, for the audit trail');
  }
  acting<ActingOptions>(
    'retry-failed',
    'run again for everybody whose change is parked',
    async () => (await import('./commands/retry-failed.ts')).retryFailed,
  );
  acting<ProvisionOptions>(
    'provision-user',
    'bring one person in step now, beside whatever run is going on',
    async () => (await import('./commands/provision-user.ts')).provisionUser,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .option('--dry-run', 'plan everything, write nothing');
  add<CommonOptions>(
    'parked',
    'list parked changes and what to do about them',
    async () => (await import('./commands/parked.ts')).parked,
  );
  add<RunsOptions>('runs', 'list the newest runs', async () => (await import('./commands/runs.ts')).runs).option(
    '--limit <n>',
    'how many',
    positive,
    20,
  );
  addScheduleCommands(program, add);
  addDailyCommands(add);
  addIdentityCommands(add);
  addLookBackCommands(add);
  add<CommonOptions>('check', 'try everything a run needs', async () => (await import('./commands/check.ts')).check);
  add<CommonOptions>(
    'init',
    'write a first configuration and the default mapping',
    async () => (await import('./commands/init.ts')).init,
  );
  for (const name of LATER_COMMANDS) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new ConfigError(`The command ${name} is not part of this version yet; see \`rollcall --help\`.`, {
          code: 'config.unsupported',
        });
      });
  }
  await program.parseAsync();
  return status;
}

/** Help ends parsing too; it is wrong usage only where a command was due. */
function endOfParsing(error: CommanderError): void {
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (process.exitCode === EXIT.done || error.code === 'commander.help') return;
  note(usageSentence(error, refusedCommand(error, process.argv.slice(2))));
}

outliveReaders();
main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    if (error instanceof CommanderError) {
      endOfParsing(error);
      return;
    }
    const unexpected = error instanceof RollcallError ? '' : 'Unexpected: ';
    note(`${unexpected}${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = exitOfError(error);
  },
);
