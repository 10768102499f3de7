import { SCHEDULED_MODES } from '../model/run.ts';
import type { RunRow, State } from '../state/state.ts';
import type { Standing } from '../telemetry/metrics.ts';

/** A page that is asked for more often tells the same again. */
const FRESH_MS = 5_000;

/** How the sync stands by its state, read anew after 5 s at the soonest; null while state cannot be read. */
export function standingOf(state: State, sync: string): () => Promise<Standing | null> {
  let at = -Infinity;
  let last: Promise<Standing | null> = Promise.resolve(null);
  return () => {
    if (performance.now() - at < FRESH_MS) return last;
    at = performance.now();
    // Readiness says that state is gone, and why; the page does without these numbers.
    last = readStanding(state, sync).catch(() => null);
    return last;
  };
}

async function readStanding(state: State, sync: string): Promise<Standing> {
  const complete = await state.runs.lastComplete(sync, [...SCHEDULED_MODES]);
  const batches = (await state.lookBack.openBatches(sync)).filter(({ dryRun }) => !dryRun);
  const [newest] = await state.runs.list(sync, 1);
  const waiting = [
    await state.parked.oldest(sync),
    ...batches.map(({ createdAt }) => createdAt),
    newest === undefined || newest.finishedAt !== null ? null : newest.startedAt,
  ].flatMap((since) => (since === null ? [] : [Date.parse(since)]));
  return {
    parked: await state.parked.count(sync),
    held: batches.reduce((sum, { size }) => sum + size, 0),
    completeReadAt: complete === null ? null : Date.parse(complete.startedAt),
    oldestUnsettledAt: waiting.length === 0 ? null : Math.min(...waiting),
    lastGoodRunAt: {
      full: endOf(await state.lookBack.lastGood(sync, 'full')),
      delta: endOf(await state.lookBack.lastGood(sync, 'delta')),
    },
  };
}

function endOf(run: RunRow | null): number | null {
  return run === null || run.finishedAt === null ? null : Date.parse(run.finishedAt);
}
