import { setTimeout as sleep } from 'node:timers/promises';
import { RollcallError } from '../model/errors.ts';

/** One thing that work needs. Rejects, best with a sentence of the error tree, when it is not there. */
export interface Need {
  /** Sentence for a failure that has none of its own, and for no answer in time. */
  otherwise: string;
  check(): Promise<unknown>;
}

/** A probe that hangs counts as failed: shorter than the time-outs of those who ask. */
const PATIENCE_MS = 2_000;
/** Whoever asks more often gets the same answer again. */
const FRESH_MS = 1_000;

/** Why this worker can do no work now, in one sentence; null when it can. */
export function readiness(needs: readonly Need[]): () => Promise<string | null> {
  let at = -Infinity;
  let last: Promise<string | null> = Promise.resolve(null);
  return () => {
    if (performance.now() - at < FRESH_MS) return last;
    at = performance.now();
    last = Promise.all(needs.map(unmet)).then((sentences) => sentences.find((one) => one !== null) ?? null);
    return last;
  };
}

async function unmet({ otherwise, check }: Need): Promise<string | null> {
  const stop = new AbortController();
  const late = sleep(PATIENCE_MS, otherwise, { signal: stop.signal });
  const met = check().then(
    () => null,
    (error: unknown) => (error instanceof RollcallError ? error.message : otherwise),
  );
  // Ended by the controller below, this wait has nothing more to say.
  late.catch(() => undefined);
  return Promise.race([met, late]).finally(() => stop.abort());
}
