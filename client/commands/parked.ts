import { pc } from '../colours.ts';
import type { ParkedRow } from '../../state/state.ts';
import { say, sayJson } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

/** `parked`: changes that failed for their own reasons, with what to do about each. */
export function parked(options: CommonOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const rows = await (await state()).parked.list(settings.name);
    if (options.json === true) sayJson(rows);
    else if (rows.length === 0) say('Nothing is parked.');
    else say(rows.map(render).join('\n'));
    return 0;
  });
}

/** A few lines for each, since the sentences are too long for a table; the DN tells two of one login apart. */
function render(row: ParkedRow): string {
  const tried = row.attempts === 1 ? 'tried once' : `tried ${row.attempts} times`;
  const correlation = row.correlationId === null ? '' : `; correlation id ${row.correlationId}`;
  return [
    `${pc.bold(row.kind)} ${[row.userName, row.dn].filter((text) => text !== '').join(', ')}`,
    `    ${row.message}`,
    pc.dim(`    ${tried}, due again ${row.nextAttemptAt}${correlation}`),
  ].join('\n');
}
