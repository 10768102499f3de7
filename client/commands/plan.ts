import { pc } from '../colours.ts';
import type { PlanReport } from '../../model/run.ts';
import { note, say, sayJson } from '../output.ts';
import { takeoverLines } from '../render-takeover.ts';
import { differenceLines } from '../render-values.ts';
import { withSession, type CommonOptions } from '../session.ts';
import { short } from '../workers.ts';

/** `plan`: the newest open held batch, else the last plan, person by person. Starts nothing. */
export function plan(options: CommonOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const store = await state();
    const [last] = await store.runs.list(settings.name, 1, { everybody: true });
    if (last !== undefined && last.configHash !== settings.hash) {
      note(
        `This configuration (${short(settings.hash)}) is not the one of the last run (${short(last.configHash)}); to see what it would change, give it to a worker and use \`start-sync --dry-run\`.`,
      );
    }
    const report = await store.batches.plan(settings.name);
    if (options.json === true) sayJson(report);
    else say(renderPlan(report));
    return 0;
  });
}

function renderPlan(report: PlanReport): string {
  const takeover = report.takeover === undefined ? [] : takeoverLines(report.takeover);
  if (report.changes.length === 0) return ['There is no plan with changes.', ...takeover].join('\n');
  const lines = report.changes.flatMap(({ kind, userName, reason, before, after }) => [
    `${pc.bold(kind)} ${userName}: ${reason}`,
    ...differenceLines(before, after),
  ]);
  lines.push(...takeover);
  if (report.heldBatch !== null) {
    lines.push(
      `Waits for a decision: \`approve --plan ${report.heldBatch}\` or \`reject --plan ${report.heldBatch}\`.`,
    );
  }
  return lines.join('\n');
}
