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
    async take(signal, { urgent } = { urgent: false }) {
      const how = { patienceMs: PATIENCE_MS, ahead: urgent };
      const { waitMs, taken } = await store.take(clientId(), target.requestsPerMinute, Date.now(), how);
      if (!taken) throw exhausted(waitMs);
      if (waitMs === 0) return;
      await pause(waitMs, signal);
      // Meanwhile the service may have said that there is less than was thought.
      const blockedMs = await store.blockedFor(clientId(), Date.now());
      if (blockedMs > 0) throw exhausted(blockedMs);
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

function exhausted(waitMs: number): LaterError {
  return new LaterError('Genesys Cloud allows no request at the moment; waiting for the allowance.', waitMs);
}
