import { RollcallError, type ErrorCode } from '../model/errors.ts';
import type { RunOutcome } from '../model/run.ts';

/** Exit statuses; other people's scripts rely on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, parked: 3, held: 4, alreadyRunning: 5, cancelled: 6 } as const;

const OUTCOMES: Record<RunOutcome, number> = {
  failed: EXIT.failed,
  cancelled: EXIT.cancelled,
  held: EXIT.held,
  parked: EXIT.parked,
  completed: EXIT.done,
  skipped: EXIT.done,
};

const USAGE: readonly ErrorCode[] = ['config.invalid', 'config.unsupported', 'mapping.invalid'];

export function exitOfOutcome(outcome: RunOutcome): number {
  return OUTCOMES[outcome];
}

export function exitOfError(error: unknown): number {
  if (!(error instanceof RollcallError)) return EXIT.failed;
  if (USAGE.includes(error.code)) return EXIT.usage;
  return error.code === 'run.already-running' ? EXIT.alreadyRunning : EXIT.failed;
}
