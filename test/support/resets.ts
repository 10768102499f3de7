import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import Long from 'long';
import { fetchHistory, type KeptEvent } from './kept-histories.ts';
import type { TemporalClient } from './temporal.ts';

/**
 * Resets a workflow as `temporal workflow reset` and the Web UI do. `before`: the event after which nothing is kept is
 * the workflow task that answered the first such event; `start` = nothing is kept at all.
 *
 * @returns Temporal's id of the execution that goes on from there
 */
export async function reset(
  { client }: TemporalClient,
  handle: WorkflowHandle,
  before: 'start' | ((event: KeptEvent, index: number, events: KeptEvent[]) => boolean),
): Promise<string> {
  const { events } = await fetchHistory(handle);
  const from = before === 'start' ? 0 : events.findIndex(before);
  const task = events.find((event, at) => at > from && event.eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
  if (from < 0 || task === undefined) throw new Error('the history has no such event, or no task after it');
  const { runId: execution } = await handle.describe();
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId: execution },
    reason: 'test',
    workflowTaskFinishEventId: Long.fromString(task.eventId),
    requestId: randomUUID(),
  });
  return runId;
}

/** The event by which the execution heard that an activity had ended. */
export function completed(activity: string): (event: KeptEvent, index: number, events: KeptEvent[]) => boolean {
  return ({ activityTaskCompletedEventAttributes: done }, _, events) => {
    const { scheduledEventId } = (done ?? {}) as { scheduledEventId?: string };
    const scheduled = events.find(({ eventId }) => eventId === scheduledEventId);
    const { activityType } = (scheduled?.['activityTaskScheduledEventAttributes'] ?? {}) as {
      activityType?: { name: string };
    };
    return activityType?.name === activity;
  };
}
