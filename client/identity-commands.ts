import { Option, type Command } from 'commander';
import { REBIND_KEYS } from '../model/run.ts';
import { link, unlink, type LinkOptions, type UnlinkOptions } from './commands/link.ts';
import { rebind, type RebindOptions } from './commands/rebind.ts';
import type { CommonOptions } from './session.ts';

type Add = <T extends CommonOptions>(
  name: string,
  text: string,
  run: (options: T, ...named: string[]) => Promise<number>,
) => Command;

/** The commands by which an operator says who is who, where the runs cannot tell. */
export function addIdentityCommands(add: Add): void {
  const actor = ['--actor <name>', "who acts, for the record (default: the system's user)"] as const;
  const wait = ['--wait', 'follow the run to its end and show its report'] as const;
  const dryRun = ['--dry-run', 'plan everything, write nothing'] as const;

  add<LinkOptions>('link', 'tie a person to a Genesys Cloud user who is there already', link)
    .argument('<person>', 'login, mail, DN or anchor')
    .argument('<genesys-user>', 'id or login')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...dryRun)
    .option(...wait)
    .option(...actor);
  add<UnlinkOptions>('unlink', 'forget whom a person is tied to; the Genesys Cloud user stays as he is', unlink)
    .argument('<person>', 'login, mail, DN or anchor')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...actor);
  add<RebindOptions>('rebind', 'find linked people again to whom the directory gave new anchors', rebind)
    .addOption(new Option('--by <key>', 'what has stayed').choices(REBIND_KEYS).makeOptionMandatory())
    .option(...dryRun)
    .option(...wait)
    .option(...actor);
}
