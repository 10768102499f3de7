import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { RollcallError } from '../model/errors.ts';
import { runWorkflowId } from '../workflows/ids.ts';
import type { Session } from './session.ts';

export interface RunningRun {
  handle: WorkflowHandle;
  /** Ours, from the workflow's memo. */
  runId: string;
}

/** The run of the sync that is going on; null when there is none. */
export async function findRunning(session: Session): Promise<RunningRun | null> {
  const client = await session.temporal();
  const handle = client.workflow.getHandle(runWorkflowId(session.settings.name));
  try {
    const { status, memo } = await handle.describe();
    const runId = memo?.['runId'];
    return status.name === 'RUNNING' && typeof runId === 'string' ? { handle, runId } : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The same, for commands that need one. */
export async function requireRunning(session: Session): Promise<RunningRun> {
  const running = await findRunning(session);
  if (running !== null) return running;
  throw new RollcallError('run.not-found', `No run of sync ${session.settings.name} is going on.`);
}
