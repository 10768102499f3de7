import { ConfigError } from '../../model/errors.ts';
import { pc } from '../colours.ts';
import type { PlanReport } from '../../model/run.ts';
import { note, say, sayJson } from '../output.ts';
import { takeoverLines } from '../render-takeover.ts';
import { differenceLines } from '../render-values.ts';
import { withSession, type CommonOptions } from '../session.ts';
import { short } from '../workers.ts';

/**
 * `plan`: the newest open held batch, else the last plan, person by person. Starts nothing.
 *
 * @throws ConfigError for a configuration that plans otherwise than the last run's: what was planned is no preview of it
 */
export function plan(options: CommonOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const store = await state();
    const [last] = await store.runs.list(settings.name, 1, { everybody: true });
    if (last === undefined) note(`Sync ${settings.name} has not run yet; begin with \`start-sync --dry-run --wait\`.`);
    else refuseOther(settings.hash, last.configHash);
    const report = await store.batches.plan(settings.name);
    if (options.json === true) sayJson(report);
    else if (last !== undefined) say(renderPlan(report));
    return 0;
  });
}

function refuseOther(ours: string, last: string): void {
  if (ours === last) return;
  throw new ConfigError(
    `This configuration (${short(ours)}) is not the one of the last run (${short(last)}), and a preview of another one is not part of this version yet: give it to a worker and use \`start-sync --dry-run --wait\`.`,
    { code: 'config.unsupported' },
  );
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
