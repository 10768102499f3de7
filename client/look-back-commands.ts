import { Option } from 'commander';
import { CHANGE_KINDS } from '../model/change.ts';
import type { AddCommand } from './add-command.ts';
import type { ChangesOptions } from './commands/changes.ts';
import type { ReportOptions } from './commands/report.ts';
import { duration, positive } from './option-values.ts';
import type { CommonOptions } from './session.ts';

/** The commands that tell what was done, and change nothing. */
export function addLookBackCommands(add: AddCommand): void {
  add<CommonOptions>(
    'status',
    'how this sync stands, with an exit status for monitoring',
    async () => (await import('./commands/status.ts')).status,
  );
  add<ChangesOptions>(
    'changes',
    'list applied changes, newest first',
    async () => (await import('./commands/changes.ts')).changes,
  )
    .option('--since <duration>', 'only of the last 24h, 7d, 30m', duration)
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(CHANGE_KINDS))
    .option('--person <person>', 'only of this person: login, mail, DN or anchor')
    .option('--limit <n>', 'how many', positive, 1_000);
  add<ReportOptions>(
    'report',
    'show what one run did, change by change',
    async () => (await import('./commands/report.ts')).report,
  )
    .argument('<run>', 'id of a run, the beginning of one, or last')
    .option('--csv [file]', 'every change as CSV, into a file or on stdout')
    .option('--html <file>', 'write one page to look at or to pass on');
  add<CommonOptions>(
    'explain',
    'tell everything that is known about one person',
    async () => (await import('./commands/explain.ts')).explain,
  ).argument('<person>', 'login, mail, DN or anchor');
}
