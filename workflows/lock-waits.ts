const MINUTE_MS = 60_000;
const LONGEST_STEP_MS = 5 * MINUTE_MS;
/** How long a scheduled full run waits for another run to end. */
const PATIENCE_MS = 6 * 60 * MINUTE_MS;

/** Milliseconds between the tries for the lock: 1, 2, 3, 4, then always 5 minutes, 6 hours in all. */
export function lockWaits(): number[] {
  const waits: number[] = [];
  for (let left = PATIENCE_MS; left > 0; left -= waits.at(-1) ?? left) {
    waits.push(Math.min((waits.length + 1) * MINUTE_MS, LONGEST_STEP_MS, left));
  }
  return waits;
}
