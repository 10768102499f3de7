import { constants } from 'node:os';

/** What may end the tour early; the terminal's Ctrl-C is SIGINT, its closing SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** An early end of the tour. */
export interface Interruption {
  signal: AbortSignal;
  /** What a shell expects after this end: 128 and the signal's number. */
  exitStatus(): number;
}

/**
 * Turns signals, and a reader who has gone away (`npm run demo | head`), into an abort, so that everything is still
 * cleaned up. Further signals while that is going on are taken without effect.
 */
export function watchForInterruption(): Interruption {
  const controller = new AbortController();
  let status = 0;
  const interrupt = (name: NodeJS.Signals): void => {
    if (status !== 0) return;
    status = 128 + constants.signals[name];
    controller.abort(new Error(`interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt('SIGPIPE'));
  return { signal: controller.signal, exitStatus: () => status };
}
