import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { RollcallError } from '../../model/errors.ts';
import type { Batch } from '../../state/state.ts';
import { approvalWorkflowId, runWorkflowId } from '../../workflows/ids.ts';
import type { DecisionAnswer, DecisionInput } from '../../workflows/messages.ts';
import { followRun } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { actorOf, withSession, type ActingOptions, type Session } from '../session.ts';
import { requireWorker } from '../workers.ts';

export interface DecideOptions extends ActingOptions {
  plan: string;
  reason?: string;
}

/** `approve` and `reject`: a person's decision about a held batch. A refused one exits 1 and changes nothing. */
export const approve = (options: DecideOptions): Promise<number> => decide(options, true);
export const reject = (options: DecideOptions): Promise<number> => decide(options, false);

function decide(options: DecideOptions, approve: boolean): Promise<number> {
  return withSession(options, async (session) => {
    const batch = await openBatch(session, options.plan);
    await requireWorker(session);
    const { runId } = await send(session, options, approve);
    if (runId !== null && options.wait === true) return followApproved(session, options, runId);
    const decided = approve ? 'approved' : 'rejected';
    if (options.json === true) sayJson({ heldBatch: batch.hash, decision: decided, runId });
    else if (runId === null)
      say(
        `Batch ${batch.hash} is rejected; its ${batch.size === 1 ? 'change is' : `${batch.size} changes are`} not made.`,
      );
    else say(`Batch ${batch.hash} is approved; run ${runId} applies what of it is still true.`);
    return 0;
  });
}

async function openBatch({ settings, state }: Session, hash: string): Promise<Batch> {
  const batch = await (await state()).batches.get(settings.name, hash);
  if (batch === null)
    throw refused(`There is no held batch ${hash} of sync ${settings.name}; \`plan\` shows the open one.`);
  if (batch.status === 'open') return batch;
  const why = whyClosed(batch, settings.hash);
  throw refused(`Batch ${hash} is not open any more (${why}); start a new run to get a current plan.`);
}

/** What became of a batch, in words. @param configHash that of this command's configuration */
export function whyClosed(batch: Batch, configHash: string): string {
  const { status, decidedAt, decidedBy, dryRun, expiresAt } = batch;
  if (status === 'expired' || (status === 'void' && expiresAt < (decidedAt ?? '')))
    return 'expired: nobody decided in time';
  if (status !== 'void') return decidedBy === null ? status : `${status} by ${decidedBy}`;
  if (batch.configHash !== configHash) return 'void: it was made under another configuration';
  return dryRun ? "void: a dry run's plan ends with the next run" : 'void: a later run replaced it';
}

async function send(session: Session, options: DecideOptions, approve: boolean): Promise<DecisionAnswer> {
  const client = await session.temporal();
  const handle = client.workflow.getHandle(approvalWorkflowId(session.settings.name, options.plan));
  const reason = options.reason ?? null;
  const decision: DecisionInput = { approve, batch: options.plan, actor: actorOf(options), reason };
  try {
    return await handle.executeUpdate<DecisionAnswer, [DecisionInput]>('decide', { args: [decision] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw refused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowNotFoundError) {
      throw refused(`Nobody waits for a decision about batch ${options.plan} any more; start a new run.`);
    }
    throw error;
  }
}

async function followApproved(session: Session, options: DecideOptions, runId: string): Promise<number> {
  const client = await session.temporal();
  const sync = session.settings.name;
  await client.workflow.getHandle(approvalWorkflowId(sync, options.plan)).result();
  return followRun(session, options, client.workflow.getHandle(runWorkflowId(sync)), runId);
}

function refused(message: string): RollcallError {
  return new RollcallError('batch.refused', message);
}
