import type { Client } from '@temporalio/client';
import { fetchHistory, type KeptEvent, type KeptHistory } from './kept-histories.ts';

/** What one execution costs. */
export interface HistoryFigures {
  events: number;
  /** As the server stores and limits them. */
  bytes: number;
  /** That Temporal Cloud would bill. */
  actions: number;
}

export interface Execution extends HistoryFigures {
  workflowId: string;
  history: KeptHistory;
}

/** One execution with its history; `runId` absent = the last one of that workflow id. */
export async function executionOf(client: Client, workflowId: string, runId?: string): Promise<Execution> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const [{ historyLength, historySize = NaN }, history] = [await handle.describe(), await fetchHistory(handle)];
  return { workflowId, history, events: historyLength, bytes: historySize, actions: actionsIn(history) };
}

/** All executions of one run, which continues as new, the first one first. */
export async function chainOf(client: Client, workflowId: string): Promise<Execution[]> {
  const chain: Execution[] = [];
  for (let runId: string | undefined = ''; runId !== undefined; runId = continuedFrom(chain[0]?.history)) {
    chain.unshift(await executionOf(client, workflowId, runId === '' ? undefined : runId));
  }
  return chain;
}

/** Ids of the child workflows that an execution started. */
export function childrenIn({ events }: KeptHistory): string[] {
  return attributesIn<{ workflowId: string }>(events, 'startChildWorkflowExecutionInitiated').map(
    ({ workflowId }) => workflowId,
  );
}

/** Events that are one action each. */
const BILLED = [
  'workflowExecutionStarted',
  'startChildWorkflowExecutionInitiated',
  'timerStarted',
  'workflowExecutionSignaled',
  'workflowExecutionUpdateAccepted',
  'upsertWorkflowSearchAttributes',
];

/**
 * Billed are, besides {@link BILLED}, each attempt of an activity, and all local activities of one workflow task together;
 * heartbeats and queries are too, but leave no trace in a history (https://docs.temporal.io/evaluate/cloud/actions).
 */
export function actionsIn({ events }: KeptHistory): number {
  const billed = BILLED.reduce((sum, name) => sum + attributesIn(events, name).length, 0);
  const attempts = attributesIn<{ attempt?: number }>(events, 'activityTaskStarted').map(({ attempt }) => attempt ?? 1);
  const markers = attributesIn<{ workflowTaskCompletedEventId: string }>(events, 'markerRecorded');
  const tasks = new Set(markers.map(({ workflowTaskCompletedEventId }) => workflowTaskCompletedEventId));
  return billed + attempts.reduce((sum, one) => sum + one, 0) + tasks.size;
}

/** The events of a history that are not about its workflow tasks. */
export function besidesTasks({ events }: KeptHistory): KeptEvent[] {
  return events.filter(({ eventType }) => !eventType.startsWith('EVENT_TYPE_WORKFLOW_TASK_'));
}

function attributesIn<T>(events: KeptEvent[], name: string): T[] {
  return events.flatMap((event) => (event[`${name}EventAttributes`] as T | undefined) ?? []);
}

function continuedFrom(history: KeptHistory | undefined): string | undefined {
  const [started] = attributesIn<{ continuedExecutionRunId?: string }>(
    history?.events ?? [],
    'workflowExecutionStarted',
  );
  return started?.continuedExecutionRunId || undefined;
}
