import { Option } from 'commander';
import type { AddCommand } from './add-command.ts';
import type { IgnoreOptions, ReleaseOptions } from './commands/ignore.ts';
import type { PauseOptions } from './commands/pause.ts';
import { duration } from './option-values.ts';

/** The commands by which an operator holds a person or the whole sync back for a while, and lets go again. */
export function addDailyCommands(add: AddCommand): void {
  const actor = ['--actor <name>', "who acts, for the record (default: the system's user)"] as const;

  add<IgnoreOptions>(
    'ignore',
    'let runs leave a person alone for a while; a leaver leaves all the same',
    async () => (await import('./commands/ignore.ts')).ignore,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .requiredOption('--reason <text>', 'why, for the record')
    .addOption(new Option('--until <time>', 'a date, which counts to its end, or an ISO time').conflicts('for'))
    .option('--for <duration>', 'such as 12h or 30d (default: 30d)', duration)
    .option(...actor);
  add<ReleaseOptions>(
    'release',
    'end an ignore, and let a parked person be tried again at once',
    async () => (await import('./commands/ignore.ts')).release,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .option('--reason <text>', 'why, for the record')
    .option(...actor);
  for (const [verb, text] of [
    ['pause', 'let no run start by itself, and the one going on begin no further user'],
    ['resume', 'let what is paused go on'],
  ] as const) {
    add<PauseOptions>(verb, text, async () => (await import('./commands/pause.ts'))[verb])
      .option('--reason <text>', 'why, for whoever finds it so')
      .option(...actor);
  }
}
