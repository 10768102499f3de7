/**
 * A second process on one embedded database. Started by {@link startStateProcess}; does what its first argument says in
 * the folder its second names, and speaks to its parent by messages.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openSqlite } from '../../state/engine.ts';
import { openState } from '../../state/open.ts';
import { REQUEST } from './stored-people.ts';
import { runStart } from './state.ts';

const ROLES = { claim, hold, hammer };
export type Role = keyof typeof ROLES;

export interface StateProcess {
  child: ChildProcess;
  /** The next message; fails when the process ends without one. */
  next(): Promise<unknown>;
  say(message: string): void;
  /** Waits for the end, and gives the exit status (null when killed). */
  ended(): Promise<number | null>;
}

export async function startStateProcess(role: Role, folder: string): Promise<StateProcess> {
  const child = fork(fileURLToPath(import.meta.url), [role, folder], { execArgv: ['--import', 'tsx'] });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const state: StateProcess = {
    child,
    next: async () => {
      while (messages.length === 0) {
        const end = await Promise.race([exited, once(child, 'message').then(() => 'message' as const)]);
        if (end !== 'message' && messages.length === 0) throw new Error(`the ${role} process ended with ${end}`);
      }
      return messages.shift();
    },
    say: (message) => child.send(message),
    ended: () => exited,
  };
  if ((await state.next()) !== 'ready') throw new Error('the process did not get ready');
  return state;
}

/** Claims every change of run `r1` under its own token and tells what came of each. */
async function claim(folder: string): Promise<void> {
  const state = await openState({ url: null, folder });
  const total = (await state.changes.counts('r1')).create.planned;
  await go();
  const results: string[] = [];
  for (let seq = 1; seq <= total; seq++) {
    results.push(await state.changes.claim({ runId: 'r1', seq }, { token: `${process.pid}`, request: REQUEST }));
  }
  process.send?.(results);
  await state.close();
}

/** Writes inside a transaction and stays in it until it is told to go on. */
async function hold(folder: string): Promise<void> {
  const engine = await openSqlite(folder);
  await go();
  await engine.write(async (trx) => {
    await trx.updateTable('runs').set({ actor: 'half done' }).execute();
    process.send?.('inside');
    await once(process, 'message');
  });
  await engine.close();
  process.send?.('committed');
}

/** Opens, writes, reads and closes as fast as it can, until it is told to stop. */
async function hammer(folder: string): Promise<void> {
  const sync = `sync-${process.pid}`;
  let stopped = false;
  await go();
  process.once('message', () => (stopped = true));
  let rounds = 0;
  for (; !stopped; rounds++) {
    const state = await openState({ url: null, folder });
    for (let n = 0; n < 10; n++) {
      await state.runs.open(runStart(`${sync}-${rounds}-${n}`, { sync }));
      await state.runs.list(sync, 5);
    }
    await state.close();
  }
  process.send?.({ sync, runs: rounds * 10 });
}

async function go(): Promise<void> {
  process.send?.('ready');
  await once(process, 'message');
}

const [, script, role, folder] = process.argv;
if (script === fileURLToPath(import.meta.url) && role !== undefined && folder !== undefined) {
  await ROLES[role as Role](folder);
  process.disconnect();
}
