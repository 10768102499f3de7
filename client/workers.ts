import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { RollcallError } from '../model/errors.ts';
import type { WorkerRow } from '../state/state.ts';
import { taskQueue } from '../workflows/ids.ts';
import { note } from './output.ts';
import type { Session } from './session.ts';

/** A worker says every 5 s in state that it lives; silent for longer than this it counts as dead. */
const SILENCE_MS = 20_000;
/** Number of TASK_QUEUE_TYPE_WORKFLOW in Temporal's API. */
const WORKFLOW_QUEUE = 1;
/** A worker that has just started may take a moment until the server counts it as a poller. */
const TRIES = 10;

/**
 * Makes sure that a worker of this sync is there, so that nothing is started that would only wait. Temporal remembers
 * pollers for minutes after their death, so the workers' own signs of life in state count too. Tells the user when a
 * worker has another configuration: the worker's counts.
 */
export async function requireWorker(session: Session): Promise<void> {
  const { settings } = session;
  // Without Temporal a worker cannot be started either: that is the cause to tell.
  await session.temporal();
  const alive = await livingWorkers(session);
  if (alive.length === 0 || !(await polled(session))) {
    const message = `No worker is running for sync ${settings.name}; start one with \`npm run worker\`, giving it this configuration, and try again.`;
    throw new RollcallError('temporal.no-worker', message);
  }
  const other = alive.find((worker) => worker.configHash !== settings.hash);
  if (other !== undefined) {
    note(
      `The worker on ${other.host} has another configuration (${short(other.configHash)}) than this command (${short(settings.hash)}); the worker's counts.`,
    );
  }
}

export async function livingWorkers({ settings, state }: Session) {
  const rows = await (await state()).workers.list(settings.name);
  return rows.filter((row) => Date.now() - Date.parse(row.seenAt) < SILENCE_MS && !isDeadHere(row));
}

/** A worker of this very host that was killed need not be waited for until its silence tells. */
function isDeadHere({ host, pid }: WorkerRow): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

async function polled({ settings, temporal }: Session): Promise<boolean> {
  const client = await temporal();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue(settings.name) },
      taskQueueType: WORKFLOW_QUEUE,
    });
    if ((pollers ?? []).length > 0) return true;
    await sleep(300);
  }
  return false;
}

/** Enough of a hash to tell two apart. */
export function short(hash: string): string {
  return hash.slice(0, 12);
}
