import type { RequestCounts } from '../model/run.ts';

/** What every request of one activity shares. */
export interface Call {
  /** Ends waits and reads at once. A write that is already on the wire runs to its end, so that its outcome is known. */
  signal?: AbortSignal;
  /** Counts up with every request put on the wire. */
  requests: RequestCounts;
  /** Somebody waits for it: its requests go ahead of those that wait for the pace. */
  urgent?: boolean;
  /** Set by `admit`: the pace has let the next request through already. Consumed by it. */
  admitted?: boolean;
}

/** Waits, or rejects with the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(stop, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop);
  });
  signal?.throwIfAborted();
}

/** Waits for work that others wait for too: the signal ends this wait, not the work. */
export function untilAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(reasonOf(signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Why a signal fired; the reason itself, so that whoever gave it knows it again. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('cancelled', { cause: signal.reason });
}
