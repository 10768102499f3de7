import { Option } from 'commander';
import { REBIND_KEYS } from '../model/run.ts';
import type { AddCommand } from './add-command.ts';
import type { LinkOptions, UnlinkOptions } from './commands/link.ts';
import type { RebindOptions } from './commands/rebind.ts';

/** The commands by which an operator says who is who, where the runs cannot tell. */
export function addIdentityCommands(add: AddCommand): void {
  const actor = ['--actor <name>', "who acts, for the record (default: the system's user)"] as const;
  const wait = ['--wait', 'follow the run to its end and show its report'] as const;
  const dryRun = ['--dry-run', 'plan everything, write nothing'] as const;

  add<LinkOptions>(
    'link',
    'tie a person to a Genesys Cloud user who is there already',
    async () => (await import('./commands/link.ts')).link,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .argument('<genesys-user>', 'id or login')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...dryRun)
    .option(...wait)
    .option(...actor);
  add<UnlinkOptions>(
    'unlink',
    'forget whom a person is tied to; the Genesys Cloud user stays as he is',
    async () => (await import('./commands/link.ts')).unlink,
  )
    .argument('<person>', 'login, mail, DN or anchor')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...actor);
  add<RebindOptions>(
    'rebind',
    'find linked people again to whom the directory gave new anchors',
    async () => (await import('./commands/rebind.ts')).rebind,
  )
    .addOption(new Option('--by <key>', 'what has stayed').choices(REBIND_KEYS).makeOptionMandatory())
    .option(...dryRun)
    .option(...wait)
    .option(...actor);
}
