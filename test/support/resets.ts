import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TemporalClient } from './temporal.ts';

type History = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;
export type HistoryEvent = History[number];

/**
 * Resets a workflow as `temporal workflow reset` and the Web UI do: what came of the first event for which `after` holds,
 * and everything later, is done again. Absent: everything is.
 *
 * @returns Temporal's id of the execution that goes on from there
 */
export async function reset(
  { client }: Pick<TemporalClient, 'client'>,
  handle: WorkflowHandle,
  after: (event: HistoryEvent, events: History) => boolean = () => true,
): Promise<string> {
  const { events } = await handle.fetchHistory();
  const history = events ?? [];
  const from = history.findIndex((event) => after(event, history));
  const task = history.find(
    (event, index) => index > from && (event.workflowTaskCompletedEventAttributes ?? null) !== null,
  );
  if (from < 0 || task === undefined) throw new Error('the history has no such event, or no task after it');
  const { runId: execution } = await handle.describe();
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId: execution },
    reason: 'test',
    workflowTaskFinishEventId: task.eventId ?? null,
    requestId: randomUUID(),
  });
  return runId;
}

/** The event by which the execution heard that an activity had ended. */
export function ended(activity: string): (event: HistoryEvent, events: History) => boolean {
  return ({ activityTaskCompletedEventAttributes: completed }, events) => {
    const scheduled = events.find(({ eventId }) => eventId?.toString() === completed?.scheduledEventId?.toString());
    return scheduled?.activityTaskScheduledEventAttributes?.activityType?.name === activity;
  };
}
