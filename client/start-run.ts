import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { RollcallError } from '../model/errors.ts';
import type { RebindKey, RunMode } from '../model/run.ts';
import { runWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { SyncRunInput } from '../workflows/messages.ts';
import { followRun } from './follow.ts';
import { say, sayJson } from './output.ts';
import { findRunning } from './running.ts';
import { actorOf, type ActingOptions, type Session } from './session.ts';
import { requireWorker } from './workers.ts';

export interface StartOptions extends ActingOptions {
  /** Follow the run that is going on instead of refusing. */
  join?: boolean;
}

interface RunToStart {
  mode: RunMode;
  dryRun: boolean;
  /** Of mode `rebind` alone. */
  rebindBy?: RebindKey;
}

/** Starts a run under the sync's lock, or joins the one going on, and follows it when asked to. Returns the exit status. */
export async function startRun(session: Session, options: StartOptions, run: RunToStart): Promise<number> {
  await requireWorker(session);
  const { handle, runId, joined } = await startOrJoin(session, options, run);
  if (options.wait === true || joined) return followRun(session, options, handle, runId);
  if (options.json === true) sayJson({ runId, workflowId: handle.workflowId });
  else say(`Run ${runId} is started; see how it ends with \`runs\`, or follow it with \`start-sync --join\`.`);
  return 0;
}

async function startOrJoin(
  session: Session,
  options: StartOptions,
  run: RunToStart,
): Promise<{ handle: WorkflowHandle; runId: string; joined: boolean }> {
  const client = await session.temporal();
  const sync = session.settings.name;
  const workflowId = runWorkflowId(sync);
  const runId = randomUUID();
  const input: SyncRunInput = { runId, sync, ...run, actor: actorOf(options), batch: null };
  try {
    const handle = await client.workflow.start('syncRun', {
      workflowId,
      taskQueue: taskQueue(sync),
      args: [input],
      memo: { runId },
      staticSummary: `${run.mode} run of ${sync}${run.dryRun ? ' (dry run)' : ''}`,
    });
    return { handle, runId, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    if (options.join !== true) throw alreadyRunning(sync);
  }
  const running = await findRunning(session);
  if (running === null) throw alreadyRunning(sync);
  return { ...running, joined: true };
}

function alreadyRunning(sync: string): RollcallError {
  const message = `A run of sync ${sync} is already going on; wait for it, or follow it with --join.`;
  return new RollcallError('run.already-running', message);
}
