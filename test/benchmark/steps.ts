import type { Client } from '@temporalio/client';
import { fetchHistory, type KeptEvent } from '../support/kept-histories.ts';

/** One activity of a run, by Temporal's own times. */
export interface Step {
  name: string;
  waitedMs: number;
  tookMs: number;
  /** From the start of the run. */
  endedMs: number;
}

interface Scheduled {
  name: string;
  at: number;
  started: number;
}

/** The activities of a workflow and of its children, in the order in which they ended. Local activities are left out. */
export async function stepsOf(client: Client, workflowId: string): Promise<Step[]> {
  const { events } = await fetchHistory(client.workflow.getHandle(workflowId));
  const began = timeOf(events[0]);
  const children = events.flatMap((event) => {
    const attributes = event['childWorkflowExecutionStartedEventAttributes'] as Started | undefined;
    return attributes === undefined ? [] : [attributes.workflowExecution.workflowId];
  });
  const below = await Promise.all(
    children.map(async (child) => (await fetchHistory(client.workflow.getHandle(child))).events),
  );
  return [events, ...below].flatMap((all) => stepsIn(all, began)).toSorted((a, b) => a.endedMs - b.endedMs);
}

interface Started {
  workflowExecution: { workflowId: string };
}

function stepsIn(events: KeptEvent[], began: number): Step[] {
  const open = new Map<string, Scheduled>();
  const steps: Step[] = [];
  for (const event of events) {
    const at = timeOf(event);
    const scheduled = event['activityTaskScheduledEventAttributes'] as { activityType: { name: string } } | undefined;
    if (scheduled !== undefined) open.set(event.eventId, { name: scheduled.activityType.name, at, started: at });
    const started = open.get(scheduledEventOf(event, 'activityTaskStarted'));
    if (started !== undefined) started.started = at;
    const ended = open.get(scheduledEventOf(event, 'activityTaskCompleted'));
    if (ended === undefined) continue;
    const { name, at: since, started: from } = ended;
    steps.push({ name, waitedMs: from - since, tookMs: at - from, endedMs: at - began });
  }
  return steps;
}

function scheduledEventOf(event: KeptEvent, kind: string): string {
  const attributes = event[`${kind}EventAttributes`] as { scheduledEventId?: string } | undefined;
  return attributes?.scheduledEventId ?? '';
}

function timeOf(event: KeptEvent | undefined): number {
  return Date.parse(String(event?.['eventTime']));
}
