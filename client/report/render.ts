import type { ChangeStatus } from '../../model/change.ts';
import type { RunChange } from '../../state/look-back.ts';
import type { RunNote } from '../../state/state.ts';
import { pc } from '../colours.ts';
import { renderReport } from '../render-report.ts';
import { takeoverLines } from '../render-takeover.ts';
import { differenceLines, shortPath } from '../render-values.ts';
import { obstacleOf, outcomeOf, type RunDetails } from './details.ts';

const COLOURS: Record<ChangeStatus, (text: string) => string> = {
  planned: pc.cyan,
  writing: pc.cyan,
  applied: pc.green,
  parked: pc.yellow,
  held: pc.yellow,
  superseded: pc.dim,
};

/** A run with everything it did, for a terminal. */
export function renderDetails(details: RunDetails): string {
  const { report, takeover, changes, notes, notesLeftOut, startedAt, actor } = details;
  const lines = [`${pc.dim('started')} ${startedAt} ${pc.dim('by')} ${actor}`, renderReport(report)];
  if (takeover !== null) lines.push(...takeoverLines(takeover));
  if (changes.length > 0) lines.push('', pc.bold('Changes'));
  for (const change of changes) lines.push(...changeLines(change, details));
  if (notes.length > 0) lines.push('', pc.bold('Notes on entries'), ...notes.map(noteLine));
  if (notesLeftOut) lines.push(`… and more than the ${notes.length} notes shown`);
  return lines.join('\n');
}

function changeLines(change: RunChange, { report }: RunDetails): string[] {
  const { kind, status, userName, dn, reason, correlationId } = change;
  const obstacle = obstacleOf(change);
  const correlation = correlationId === null ? '' : pc.dim(` [correlation id ${correlationId}]`);
  return [
    `${COLOURS[status](outcomeOf(change, report))} ${pc.bold(kind)} ${userName === '' ? dn : userName}: ${reason}${correlation}`,
    ...differenceLines(change.before, change.after),
    ...(obstacle === null ? [] : [`    ${pc.yellow(obstacle)}`]),
  ];
}

function noteLine({ dn, severity, attribute, problem }: RunNote): string {
  return `${severity === 'problem' ? pc.red(severity) : pc.yellow(severity)} ${dn}: ${shortPath(attribute)}: ${problem}`;
}
