import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { RollcallError } from '../model/errors.ts';
import { previewWorkflowId, provisionWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { ProvisionInput } from '../workflows/messages.ts';
import type { provisionUser } from '../workflows/provision-user.ts';

/** A run on one person is ended by the server after that; the state counts older ones as ended. */
const LONGEST = '1h';
/** Nobody waits longer for a preview. */
const LONGEST_PREVIEW = '1m';

/**
 * Starts a run on one person.
 * @throws RollcallError `run.already-running` while one of the same person is going on
 */
export async function startProvision(
  client: Client,
  input: ProvisionInput,
): Promise<WorkflowHandle<typeof provisionUser>> {
  const { runId, sync, mode, anchor, dryRun } = input;
  const isPreview = mode === 'preview';
  try {
    return await client.workflow.start<typeof provisionUser>('provisionUser', {
      workflowId: isPreview ? previewWorkflowId(sync, runId) : provisionWorkflowId(sync, anchor ?? runId),
      taskQueue: taskQueue(sync),
      args: [input],
      memo: { runId },
      workflowExecutionTimeout: isPreview ? LONGEST_PREVIEW : LONGEST,
      staticSummary: `${isPreview ? 'look ahead at' : 'run on'} one person of ${sync}${dryRun && !isPreview ? ' (dry run)' : ''}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const message = `A run on this person of sync ${sync} is already going on; wait for it, see \`runs\`.`;
    throw new RollcallError('run.already-running', message);
  }
}
