#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError, RollcallError } from '../model/errors.ts';
import { cancel } from './commands/cancel.ts';
import { check } from './commands/check.ts';
import { decide, type DecideOptions } from './commands/decide.ts';
import { init } from './commands/init.ts';
import { parked } from './commands/parked.ts';
import { plan } from './commands/plan.ts';
import { provisionUser, type ProvisionOptions } from './commands/provision-user.ts';
import { retryFailed } from './commands/retry-failed.ts';
import { runs, type RunsOptions } from './commands/runs.ts';
import { startSync, type StartSyncOptions } from './commands/start-sync.ts';
import { watch } from './commands/watch.ts';
import { EXIT, exitOfError } from './exit.ts';
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

  const add = <T extends CommonOptions>(
    name: string,
    text: string,
    run: (options: T, ...named: string[]) => Promise<number>,
    parent: Command = program,
  ): Command => {
    const command = parent
      .command(name)
      .description(text)
      .option('--config <file>', 'configuration (else ROLLCALL_CONFIG, else rollcall.yaml)')
      .option('--json', 'print one JSON document on stdout');
    return command.action(async () => {
      status = await run(command.opts<T>(), ...command.args);
    });
  };
  const acting = <T extends ActingOptions>(
    name: string,
    text: string,
    run: (options: T, ...named: string[]) => Promise<number>,
  ): Command =>
    add(name, text, run)
      .option('--actor <name>', "who acts, for the audit trail (default: the system's user)")
      .option('--wait', 'follow the run to its end and show its report');

  acting<StartSyncOptions>('start-sync', 'start a run', startSync)
    .option('--mode <mode>', 'full, or delta: only what changed since people were last in step', 'full')
    .option('--dry-run', 'plan everything, write nothing')
    .option('--join', 'follow the run that is going on, if there is one');
  acting<ActingOptions>('cancel', 'stop the run that is going on, between two users', cancel);
  add<CommonOptions>('watch', 'follow the run that is going on, else show the last', watch);
  add<CommonOptions>('plan', 'show the held batch, else the last plan', plan);
  for (const verb of ['approve', 'reject'] as const) {
    acting<DecideOptions>(verb, `${verb} a held batch`, (options) => decide(options, verb === 'approve'))
      .requiredOption('--plan <hash>', 'hash of the held batch')
      .option('--reason <text>', 'why, for the audit trail');
  }
  acting<ActingOptions>('retry-failed', 'run again for everybody whose change is parked', retryFailed);
  acting<ProvisionOptions>(
    'provision-user',
    'bring one person in step now, beside whatever run is going on',
    provisionUser,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .option('--dry-run', 'plan everything, write nothing');
  add<CommonOptions>('parked', 'list parked changes and what to do about them', parked);
  add<RunsOptions>('runs', 'list the newest runs', runs).option('--limit <n>', 'how many', positive, 20);
  addScheduleCommands(program, add);
  addDailyCommands(add);
  addIdentityCommands(add);
  addLookBackCommands(add);
  add<CommonOptions>('check', 'try everything a run needs', check);
  add<CommonOptions>('init', 'write a first configuration and the default mapping', init);
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
