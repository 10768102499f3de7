import type { RequestWatch } from '../genesys/open.ts';
import type { Observers } from './count-activities.ts';

/** Turns requests to Genesys Cloud into metrics and spans. */
export function watchRequests({ metrics, traces }: Observers): RequestWatch {
  return {
    began(request) {
      const startedAt = performance.now();
      const endSpan = traces?.request(request);
      return ({ status, silence, sent, correlationId }) => {
        const seconds = (performance.now() - startedAt) / 1_000;
        metrics?.requestEnded({ kind: request.kind, status, sent, seconds });
        endSpan?.({ status, silence, correlationId });
      };
    },
  };
}
