import { setTimeout as sleep } from 'node:timers/promises';

/** Far beyond what anything takes, so that only what never happens fails. */
const PATIENCE_MS = 90_000;
/** Short, since some moments last only tenths of a second; longer later, since looking may cost a call. */
const [FIRST_STEP_MS, LAST_STEP_MS] = [5, 25];

/** Waits until something is so; fails naming it when it never is. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let step = FIRST_STEP_MS; !(await isSo()); step = Math.min(LAST_STEP_MS, step + 1)) {
    if (performance.now() > end) throw new Error(`it never happened that ${what}`);
    await sleep(step);
  }
}
