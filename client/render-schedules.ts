import { SCHEDULED_MODES } from '../model/run.ts';
import type { Settings } from '../model/settings.ts';
import { pc } from './colours.ts';
import { table } from './output.ts';
import type { ScheduleRow } from './schedule-rows.ts';

/** The schedules of a sync for people, and what is due where the configuration says something else. */
export function renderSchedules(settings: Settings, rows: ScheduleRow[]): string {
  const missing = SCHEDULED_MODES.filter(
    (mode) => (settings.schedule?.[mode] ?? null) !== null && !rows.some((row) => row.mode === mode),
  );
  const due = [...missing, ...rows.filter((row) => !row.asConfigured).map((row) => row.mode)];
  const lines =
    rows.length === 0 ? [`Sync ${settings.name} has no schedules; runs start by hand alone.`] : [grid(rows)];
  for (const { mode, last } of rows)
    if (last !== null && last.error !== null) lines.push(`${mode}: ${pc.red(last.error)}`);
  if (due.length > 0)
    lines.push(
      `The configuration says something else (${due.join(', ')}); use \`schedule apply\` or \`schedule delete\`.`,
    );
  return lines.join('\n');
}

function grid(rows: ScheduleRow[]): string {
  const cells = rows.map((row) => [
    row.mode,
    `${row.times} (${row.timezone})`,
    row.paused ? pc.yellow('paused') : pc.green('active'),
    row.next[0] ?? '',
    row.last === null ? 'never' : `${row.last.at} ${row.last.outcome}`,
    row.note,
  ]);
  return table(['mode', 'when', 'state', 'next', 'last', ''], cells);
}
