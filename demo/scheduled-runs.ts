import { setTimeout as sleep } from 'node:timers/promises';
import { asTold } from './as-told.ts';
import type { CommandLine } from './command-line.ts';

/** What the tour needs of a line of `runs --json`. */
export interface ListedRun {
  runId: string;
  mode: string;
  actor: string;
  outcome: string | null;
  finishedAt: string | null;
  requests: { token: number; read: number; write: number; throttled: number };
}

/** Runs that a few seconds' waiting can add, and more. */
const NEWEST = '50';
const POLL_MS = 500;
/** A delta every few seconds, on a loaded machine. */
const PATIENCE_MS = 90_000;

export async function newestRuns(commands: CommandLine): Promise<ListedRun[]> {
  return JSON.parse(await commands.quietly(['runs', '--limit', NEWEST, '--json'])) as ListedRun[];
}

/** The first delta beyond those known that has ended and has written something. */
export async function nextDeltaThatWrites(commands: CommandLine, known: ReadonlySet<string>): Promise<ListedRun> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const ended = (await newestRuns(commands)).filter(({ runId, finishedAt }) => !known.has(runId) && finishedAt);
    const found = ended.find(({ mode, requests }) => mode === 'delta' && requests.write > 0);
    if (found !== undefined) return found;
    asTold(performance.now() < until, 'the schedule should have started a delta that writes, and did not');
    await sleep(POLL_MS);
  }
}
