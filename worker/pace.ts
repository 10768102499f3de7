import { pause } from '../genesys/call.ts';
import type { Pace } from '../genesys/pace.ts';
import { LaterError } from '../model/errors.ts';
import type { TargetSettings } from '../model/settings.ts';
import type { PaceStore } from '../state/state.ts';

/** Longest wait inside an activity; a longer one gives the slot back and comes again. */
const PATIENCE_MS = 5_000;

/** The pace of one OAuth client over the row in state that all workers share. */
export function sharedPace(store: PaceStore, target: TargetSettings): Pace {
  const clientId = (): string => target.clientId.read();
  return {
    async take(signal) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const { waitMs } = await store.take(clientId(), target.requestsPerMinute, Date.now());
        if (waitMs <= 0) return;
        if (Date.now() + waitMs > deadline) {
          throw new LaterError('Genesys Cloud allows no request at the moment; waiting for the allowance.', waitMs);
        }
        await pause(waitMs, signal);
      }
    },
    async observe({ allowed, count, resetSeconds, retryAfterSeconds }) {
      if (retryAfterSeconds !== null) {
        await store.blockUntil(clientId(), Date.now() + retryAfterSeconds * 1_000);
      } else if (allowed !== null && count !== null && resetSeconds !== null && count >= allowed) {
        await store.blockUntil(clientId(), Date.now() + resetSeconds * 1_000);
      }
    },
  };
}
