import { say, sayJson, table } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

export interface RunsOptions extends CommonOptions {
  limit: number;
}

/** `runs`: the newest runs of this sync and how they ended. */
export function runs(options: RunsOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const rows = await (await state()).runs.list(settings.name, options.limit);
    if (options.json === true) sayJson(rows);
    else if (rows.length === 0)
      say(`Sync ${settings.name} has not run yet; begin with \`start-sync --dry-run --wait\`.`);
    else {
      const lines = rows.map((row) => [
        row.startedAt,
        row.dryRun ? `${row.mode} (dry)` : row.mode,
        row.outcome ?? 'running',
        row.actor,
        row.runId,
        row.error ?? '',
      ]);
      say(table(['started', 'mode', 'outcome', 'by', 'run', ''], lines));
    }
    return 0;
  });
}
