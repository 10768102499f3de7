import { pc } from './colours.ts';
import { CHANGE_KINDS } from '../model/change.ts';
import type { RunOutcome, RunReport } from '../model/run.ts';
import { table } from './output.ts';

const COLOURS: Record<RunOutcome, (text: string) => string> = {
  completed: pc.green,
  skipped: pc.dim,
  parked: pc.yellow,
  held: pc.yellow,
  failed: pc.red,
  cancelled: pc.yellow,
};

/** A run's report for people. */
export function renderReport(report: RunReport): string {
  const { changes, directory, requests } = report;
  const kinds = CHANGE_KINDS.filter((kind) => changes[kind].planned > 0);
  const rows = kinds.map((kind) => {
    const { planned, applied, parked, held, superseded } = changes[kind];
    return [kind, ...[planned, applied, parked, held, superseded].map(String)];
  });
  const what = `${report.mode} run${report.dryRun ? ' (dry run: nothing was written)' : ''}`;
  const lines = [
    `${COLOURS[report.outcome](report.outcome)}: ${what} ${pc.dim(report.runId)} in ${(report.durationMs / 1000).toFixed(1)} s`,
    `directory: ${directory.read} read, ${directory.inScope} in scope, ${directory.invalid} invalid${directory.complete ? '' : ', not complete'}`,
    kinds.length === 0
      ? `changes: none; ${report.unchanged} people unchanged`
      : `${table(['change', 'planned', 'applied', 'parked', 'held', 'superseded'], rows)}\n${report.unchanged} people unchanged`,
    `requests to Genesys Cloud: ${requests.token} token, ${requests.read} read, ${requests.write} write, ${requests.throttled} throttled`,
  ];
  if (report.error !== null) lines.push(pc.red(report.error));
  return [...lines, ...nextSteps(report)].join('\n');
}

/** What the reader can do now. */
function nextSteps(report: RunReport): string[] {
  const steps: string[] = [];
  if (report.heldBatch !== null) {
    steps.push(
      report.outcome === 'held'
        ? `Held changes wait for a decision: see them with \`plan\`, then \`approve --plan ${report.heldBatch}\` or \`reject --plan ${report.heldBatch}\`.`
        : `To apply exactly this plan: \`approve --plan ${report.heldBatch}\`.`,
    );
  }
  if (CHANGE_KINDS.some((kind) => report.changes[kind].parked > 0)) {
    steps.push(
      report.dryRun
        ? 'Changes that would be parked, and what to do about them: `report last`; a dry run parks nobody.'
        : 'Parked changes and what to do about them: `parked`; then `retry-failed`.',
    );
  }
  return steps;
}
