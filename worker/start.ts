import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { openGenesys } from '../genesys/open.ts';
import type { Settings } from '../model/settings.ts';
import { openState } from '../state/open.ts';
import type { State } from '../state/state.ts';
import type { Logger } from '../telemetry/log.ts';
import { dataConverter } from '../temporal/data-converter.ts';
import { workerInterceptors } from '../temporal/interceptors.ts';
import { registerSearchAttributes } from '../temporal/register-search-attributes.ts';
import { connectWorker } from '../temporal/worker-connection.ts';
import { genesysTaskQueue, taskQueue } from '../workflows/ids.ts';
import { countActivities } from './count-activities.ts';
import { Observation } from './observe.ts';
import { sharedPace } from './pace.ts';
import { watchRequests } from './watch-requests.ts';
import { workflowCode } from './workflow-code.ts';

/** How long users in flight may take to finish after SIGTERM. Longer than one HTTP time-out. */
const GRACE = '20s';
/** Cancellation reaches an activity with its heartbeat: this bounds how long that takes. */
const BEAT = '3s';
/** How often the worker says in state that it lives. */
const BEAT_MS = 5_000;

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects when it died. */
  finished: Promise<void>;
  shutdown(): void;
}

/** Starts the process' two workers: workflows and light activities; and, with few slots, what calls Genesys. */
export async function startWorker(settings: Settings, log: Logger): Promise<RunningWorker> {
  const observation = await Observation.begin(settings, log);
  const state = await openState(settings.state);
  const observers = observation.observers(state, log);
  const watch = watchRequests(observers);
  const genesys = openGenesys(settings.target, sharedPace(state.pace, settings.target), { watch });
  const { connection, namespace } = await connectWorker();
  await registerSearchAttributes(connection, namespace);
  const { traces } = observers;
  const common: Partial<WorkerOptions> = {
    connection,
    namespace,
    activities: countActivities(createActivities({ settings, state, genesys }), state, observers, log),
    interceptors: workerInterceptors(traces === null ? null : (activity, work) => traces.activity(activity, work)),
    dataConverter: dataConverter(settings.encryption),
    shutdownGraceTime: GRACE,
    maxHeartbeatThrottleInterval: BEAT,
  };
  const main = await Worker.create({
    ...common,
    ...workflowCode(settings.encryption),
    taskQueue: taskQueue(settings.name),
  });
  const writes = await Worker.create({
    ...common,
    taskQueue: genesysTaskQueue(settings.name),
    maxConcurrentActivityTaskExecutions: slots(settings.target.requestsPerMinute),
  });
  const monitor = await observation.serve(observers, { state, connection, namespace, workers: [main, writes] });
  const presence = await announce(settings, state, log);
  const shutdown = (): void => {
    for (const worker of [main, writes]) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const close = async (): Promise<void> => {
    await presence.leave();
    await connection.close();
    await genesys.close();
    await state.close();
    await Promise.all([monitor?.close(), traces?.close()]);
  };
  return { finished: runBoth(main, writes, shutdown, close), shutdown };
}

/** Both or none: when one dies the other shuts down too. */
async function runBoth(main: Worker, writes: Worker, shutdown: () => void, close: () => Promise<void>): Promise<void> {
  const ends = await Promise.allSettled([main.run().finally(shutdown), writes.run().finally(shutdown)]);
  await close();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Few slots, so that the backlog waits on the server, where priorities count. */
function slots(requestsPerMinute: number): number {
  return Math.min(100, Math.max(4, Math.ceil((requestsPerMinute / 60) * 1.5)));
}

/** Tells clients through state that a worker lives, and under which configuration. */
async function announce(settings: Settings, state: State, log: Logger): Promise<{ leave(): Promise<void> }> {
  const row = {
    id: randomUUID(),
    sync: settings.name,
    host: hostname(),
    pid: process.pid,
    configHash: settings.hash,
  };
  await state.workers.beat(row);
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    last = state.workers
      .beat(row)
      .catch((error: unknown) => log.warn({ error: String(error) }, 'no sign of life written'));
  }, BEAT_MS);
  return {
    async leave() {
      clearInterval(timer);
      await last;
      await state.workers.leave(row.id);
    },
  };
}
