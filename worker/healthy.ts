import { hostname } from 'node:os';
import { loadSettings } from '../config/load.ts';
import { openState } from '../state/open.ts';

/** A worker says every 5 s in state that it lives; silent for longer than this it counts as dead. */
const SILENCE_MS = 20_000;

/** Ends with 0 while a worker on this host lives, else with 1: for health checks of containers. Contacts only the state. */
async function main(): Promise<number> {
  const settings = loadSettings({ env: process.env, cwd: process.cwd() });
  const state = await openState(settings.state, { migrate: false });
  try {
    const workers = await state.workers.list(settings.name);
    const alive = workers.some(
      ({ host, seenAt }) => host === hostname() && Date.now() - Date.parse(seenAt) < SILENCE_MS,
    );
    process.stdout.write(alive ? 'alive\n' : 'no sign of life on this host\n');
    return alive ? 0 : 1;
  } finally {
    await state.close();
  }
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
