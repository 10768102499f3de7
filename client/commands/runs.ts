import { settleRuns } from '../ended-outside.ts';
import { note, say, sayJson, table } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

export interface RunsOptions extends CommonOptions {
  limit: number;
}

/** `runs`: the newest runs of this sync and how they ended; Temporal is asked only about those that have not. */
export function runs(options: RunsOptions): Promise<number> {
  return withSession(options, async (session) => {
    const { settings, state } = session;
    const listed = await (await state()).runs.list(settings.name, options.limit);
    const { rows, temporalError } = await settleRuns(session, listed);
    if (temporalError !== null) note(`Whether runs are still going on is unknown: ${temporalError}`);
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
