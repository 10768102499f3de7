import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** Histories of real runs, as `temporal workflow show -o json` prints them. */
export const HISTORIES = join(import.meta.dirname, '..', 'histories');

/** The key of the kept history that is encrypted: 32 bytes in base64. It guards nothing. */
export const KEPT_KEY = { id: 'kept', secret: Buffer.alloc(32, 'kept history').toString('base64') };

/** One execution's history as JSON. */
export interface KeptHistory {
  events: KeptEvent[];
}

export type KeptEvent = { eventId: string; eventType: string } & Record<string, unknown>;

export async function fetchHistory(handle: WorkflowHandle): Promise<KeptHistory> {
  return JSON.parse(historyToJSON(await handle.fetchHistory())) as KeptHistory;
}

/** Names of the kept histories. */
export function keptNames(): string[] {
  return readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted();
}

export function readKept(name: string): KeptHistory {
  return JSON.parse(readFileSync(join(HISTORIES, `${name}.json`), 'utf8')) as KeptHistory;
}

export function forgetKept(): void {
  rmSync(HISTORIES, { recursive: true, force: true });
  mkdirSync(HISTORIES, { recursive: true });
}

/** One event a line, so that a difference can be read. */
export function keep(name: string, { events }: KeptHistory): void {
  const lines = events.map((event) => JSON.stringify(event, impersonal));
  writeFileSync(join(HISTORIES, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
}

/** What tells of the machine that recorded it; replay needs none of it. */
const OF_THE_MACHINE = new Set(['identity', 'stackTrace', 'workerDeploymentName', 'binaryChecksum', 'buildId']);

function impersonal(name: string, value: unknown): unknown {
  if (name === 'taskQueue' && isSticky(value)) return { ...value, name: 'left out' };
  return OF_THE_MACHINE.has(name) && typeof value === 'string' ? 'left out' : value;
}

/** A queue of one process, named after it. */
function isSticky(value: unknown): value is { kind: string } {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY';
}

/** The id under which the execution ran: it is part of what the workflow computes with. */
export function workflowIdOf({ events }: KeptHistory): string {
  const started = events[0]?.['workflowExecutionStartedEventAttributes'] as { workflowId?: string } | undefined;
  if (started?.workflowId === undefined) throw new Error('the history does not begin with its start');
  return started.workflowId;
}

/** Every payload in a part of a history, decoded, in order. */
export function payloadsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { metadata, data } = part as { metadata?: unknown; data?: unknown };
  if (metadata !== undefined && typeof data === 'string') return [Buffer.from(data, 'base64').toString('utf8')];
  return Object.values(part).flatMap(payloadsIn);
}

/** Every member of that name at any depth, in order. */
export function membersNamed(part: unknown, name: string): unknown[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === name ? [value as unknown] : membersNamed(value, name),
  );
}
