import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { runWorkflowId } from './ids.ts';
import { decisionUpdate, type ApprovalInput, type DecisionAnswer, type DecisionInput } from './messages.ts';
import { stateStep } from './retry.ts';
import type { syncRun } from './sync-run.ts';

/** Steps in which an approved run waits for the lock. */
const LOCK_STEP = '2s';

export type ApprovalResult = 'approved' | 'rejected' | 'expired' | 'void';

interface Decision {
  result: ApprovalResult;
  by: string;
  /** Of the run that applies an approved batch. */
  runId: string;
}

/**
 * Waits for a person's decision about one held batch, or its expiry. The decision is written to state with its actor
 * before it counts; an approval then starts the run that applies the list, as soon as the sync's lock is free.
 */
export async function approval(input: ApprovalInput): Promise<ApprovalResult> {
  const { decideBatch } = proxyActivities<Activities>(stateStep);
  let decided: Decision | undefined;
  let deciding = false;
  setCurrentDetails(howToDecide(input));

  const decide = async (
    status: 'approved' | 'rejected' | 'expired',
    by: string,
    reason: string | null,
  ): Promise<DecisionAnswer> => {
    deciding = true;
    try {
      const { accepted, because } = await decideBatch({ sync: input.sync, batch: input.batch, status, by, reason });
      const runId = uuid4();
      decided = { result: accepted ? status : 'void', by, runId };
      setCurrentDetails(decisionSentence(input, decided));
      if (!accepted && status !== 'expired') throw refusal(input.batch, because);
      return { runId: status === 'approved' ? runId : null };
    } finally {
      deciding = false;
    }
  };
  setHandler(
    decisionUpdate,
    (decision: DecisionInput) => decide(decision.approve ? 'approved' : 'rejected', decision.actor, decision.reason),
    {
      description:
        'Approves or rejects the batch. Takes {"approve": true, "batch": "HASH", "actor": "you", "reason": null}.',
      validator: (decision: DecisionInput): void => {
        if (decision.batch !== input.batch) throw ApplicationFailure.nonRetryable('This is not the held batch.');
        if (deciding || decided !== undefined) throw refusal(input.batch);
      },
    },
  );

  const inTime = await condition(() => decided !== undefined, input.expiresInMs);
  await condition(() => !deciding);
  if (!inTime && decided === undefined) await decide('expired', 'expiry', null);
  await condition(allHandlersFinished);
  if (decided?.result === 'approved') await startApprovedRun(input, decided.runId, decided.by);
  return decided?.result ?? 'void';
}

async function startApprovedRun(input: ApprovalInput, runId: string, actor: string): Promise<void> {
  for (;;) {
    try {
      await startChild<typeof syncRun>('syncRun', {
        workflowId: runWorkflowId(input.sync),
        taskQueue: workflowInfo().taskQueue,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        memo: { runId },
        args: [{ runId, sync: input.sync, mode: 'approved', dryRun: false, actor, batch: input.batch }],
        staticSummary: `approved run of ${input.sync}`,
      });
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(LOCK_STEP, { summary: 'another run of this sync is going on' });
    }
  }
}

/** For people, in markdown. */
function howToDecide({ size, batch, runId, expiresInMs }: ApprovalInput): string {
  const until = new Date(Date.now() + expiresInMs).toISOString();
  return [
    `**${size === 1 ? '1 change waits' : `${size} changes wait`}** for a decision until ${until}. Run \`${runId}\` planned them.`,
    [
      '- see them: `rollcall plan`',
      `- have them applied: \`rollcall approve --plan ${batch}\``,
      `- drop them: \`rollcall reject --plan ${batch}\``,
    ].join('\n'),
  ].join('\n\n');
}

function decisionSentence({ sync }: ApprovalInput, { result, by, runId }: Decision): string {
  switch (result) {
    case 'approved':
      return `**Approved** by ${by}: run \`${runId}\` (workflow \`${runWorkflowId(sync)}\`) applies what is still true of it.`;
    case 'rejected':
      return `**Rejected** by ${by}; a later run may offer the same changes again.`;
    case 'expired':
      return '**Expired** before anybody decided; a later run may offer the same changes again.';
    case 'void':
      return '**Void**: it was decided elsewhere, or a newer run replaced it.';
  }
}

function refusal(batch: string, because = 'it was decided, has expired or was made void by a newer run'): Error {
  const message = `Batch ${batch} is no longer open: ${because}; start a new run to get a current plan.`;
  return ApplicationFailure.nonRetryable(message, 'BatchRefused');
}
