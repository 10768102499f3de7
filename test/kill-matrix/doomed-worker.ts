import { hostname } from 'node:os';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { loadSettings } from '../../config/load.ts';
import { openGenesys, type Genesys } from '../../genesys/open.ts';
import { openState } from '../../state/open.ts';
import type { State } from '../../state/state.ts';
import { genesysTaskQueue, taskQueue } from '../../workflows/ids.ts';
import { workflowBundlePath } from '../support/temporal.ts';
import { DOOM, type Doom, type Point } from './points.ts';

/**
 * A worker with the product's own workflows and activities that kills itself by SIGKILL at one point of a write:
 * `node doomed-worker.ts CONFIGURATION`, with the point in `ROLLCALL_DOOM`. What surrounds the points is the real thing; the
 * wrappers only count passages.
 */
const doom = JSON.parse(process.env[DOOM] ?? '') as Doom;
let passages = 0;

/** Never returns at the point where the worker has to die. */
function pass(point: Point): void {
  if (point !== doom.point) return;
  passages += 1;
  if (passages === doom.passage) process.kill(process.pid, 'SIGKILL');
}

function doomedState(state: State): State {
  const { changes } = state;
  const recorded =
    <A extends unknown[], T>(record: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      pass('answered-unrecorded');
      const result = await record(...args);
      pass('recorded');
      return result;
    };
  return {
    ...state,
    changes: {
      ...changes,
      claim: async (ref, claim) => {
        pass('before-claim');
        const claimed = await changes.claim(ref, claim);
        pass('after-claim');
        return claimed;
      },
      applied: recorded(changes.applied),
      stepDone: recorded(changes.stepDone),
    },
  };
}

/** A request whose connection is cut ends here: the simulator has dropped it, or carried it out. */
function doomedGenesys(genesys: Genesys): Genesys {
  const sent =
    <A extends unknown[], T>(send: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      send(...args).catch((error: unknown) => {
        pass('request-lost');
        pass('committed-unanswered');
        throw error;
      });
  return { ...genesys, create: sent(genesys.create), patch: sent(genesys.patch) };
}

const WRITES = /^(create|update|adopt|reactivate|deactivate|rebind|retire)User$/;

function doomedActivities(activities: ReturnType<typeof createActivities>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => {
      const run = activity as (...args: unknown[]) => Promise<unknown>;
      const doomed = async (...args: unknown[]): Promise<unknown> => {
        const result = await run(...args);
        pass('before-completion');
        return result;
      };
      return [name, WRITES.test(name) ? doomed : run];
    }),
  );
}

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const settings = loadSettings({ file: process.argv[2] ?? '', env: process.env, cwd: process.cwd() });
  const state = doomedState(await openState(settings.state));
  const pace = { take: () => Promise.resolve(), observe: () => Promise.resolve() };
  const genesys = doomedGenesys(openGenesys(settings.target, pace));
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  const common = { connection, activities: doomedActivities(createActivities({ settings, state, genesys })) };
  const workers = [
    await Worker.create({
      ...common,
      workflowBundle: { codePath: workflowBundlePath() },
      taskQueue: taskQueue(settings.name),
    }),
    await Worker.create({ ...common, taskQueue: genesysTaskQueue(settings.name) }),
  ];
  // Commands refuse to start what no living worker would carry out.
  const { name: sync, hash: configHash } = settings;
  await state.workers.beat({ id: sync, sync, host: hostname(), pid: process.pid, configHash });
  process.stdout.write('doomed worker ready\n');
  await Promise.all(workers.map((worker) => worker.run()));
}

await main();
