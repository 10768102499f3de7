import { RollcallError } from '../../model/errors.ts';
import { terminatedReport } from '../ended-outside.ts';
import { exitOfOutcome } from '../exit.ts';
import { followRun } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { renderReport } from '../render-report.ts';
import { findRunning } from '../running.ts';
import { withSession, type CommonOptions } from '../session.ts';

/** `watch`: follows the run that is going on to its end; without one it shows how the last one ended. */
export function watch(options: CommonOptions): Promise<number> {
  return withSession(options, async (session) => {
    const running = await findRunning(session);
    if (running !== null) return followRun(session, options, running.handle, running.runId);
    const { runs } = await session.state();
    const [last] = await runs.list(session.settings.name, 1, { everybody: true });
    const stored = last === undefined ? null : await runs.report(last.runId);
    if (stored === null || last === undefined) {
      const message = `Sync ${session.settings.name} has not run yet; begin with \`start-sync --dry-run --wait\`.`;
      throw new RollcallError('run.not-found', message);
    }
    const report = last.finishedAt === null ? terminatedReport(stored) : stored;
    if (options.json === true) sayJson(report);
    else say(`No run is going on; the last one:\n${renderReport(report)}`);
    return exitOfOutcome(report.outcome);
  });
}
