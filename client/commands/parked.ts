import { say, sayJson, table } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

/** `parked`: changes that failed for their own reasons, with what to do about each. */
export function parked(options: CommonOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const rows = await (await state()).parked.list(settings.name);
    if (options.json === true) sayJson(rows);
    else if (rows.length === 0) say('Nothing is parked.');
    else {
      const lines = rows.map((row) => [
        row.kind,
        row.userName === '' ? row.dn : row.userName,
        row.message,
        String(row.attempts),
        row.nextAttemptAt,
        row.correlationId ?? '',
      ]);
      say(table(['change', 'who', 'why', 'tries', 'due', 'correlation id'], lines));
    }
    return 0;
  });
}
