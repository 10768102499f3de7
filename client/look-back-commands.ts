import { Option, type Command } from 'commander';
import { CHANGE_KINDS } from '../model/change.ts';
import { changes, type ChangesOptions } from './commands/changes.ts';
import { explain } from './commands/explain.ts';
import { report, type ReportOptions } from './commands/report.ts';
import { status } from './commands/status.ts';
import { duration, positive } from './option-values.ts';
import type { CommonOptions } from './session.ts';

type Add = <T extends CommonOptions>(
  name: string,
  text: string,
  run: (options: T, ...named: string[]) => Promise<number>,
) => Command;

/** The commands that tell what was done, and change nothing. */
export function addLookBackCommands(add: Add): void {
  add<CommonOptions>('status', 'how this sync stands, with an exit status for monitoring', status);
  add<ChangesOptions>('changes', 'list applied changes, newest first', changes)
    .option('--since <duration>', 'only of the last 24h, 7d, 30m', duration)
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(CHANGE_KINDS))
    .option('--person <person>', 'only of this person: login, mail, DN or anchor')
    .option('--limit <n>', 'how many', positive, 1_000);
  add<ReportOptions>('report', 'show what one run did, change by change', report)
    .argument('<run>', 'id of a run, the beginning of one, or last')
    .option('--csv [file]', 'every change as CSV, into a file or on stdout')
    .option('--html <file>', 'write one page to look at or to pass on');
  add<CommonOptions>('explain', 'tell everything that is known about one person', explain).argument(
    '<person>',
    'login, mail, DN or anchor',
  );
}
