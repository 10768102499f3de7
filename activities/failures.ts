import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { DirectoryError, GenesysError, LaterError, RollcallError } from '../model/errors.ts';

/** Longest error text that may stand in a history. */
const LIMIT = 900;
/** Attempts at a directory read whose connection was lost, or at a read that met a defect of ours. */
const READ_ATTEMPTS = 3;

/**
 * The one place where errors become Temporal's: the type is our stable code, `nonRetryable` says that trying again
 * cannot help, `nextRetryDelay` passes on Retry-After. Stacks and causes stay behind: they may carry values.
 *
 * @param step.patient true for writes, which wait for an outage to end; reads fail the run
 */
export function toFailure(error: unknown, step: { attempt: number; patient: boolean }): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (!(error instanceof RollcallError)) {
    const message = `Unexpected: ${error instanceof Error ? error.message : String(error)}`;
    const nonRetryable = !step.patient && step.attempt >= READ_ATTEMPTS;
    return ApplicationFailure.create({ message: cut(message), type: 'internal', nonRetryable });
  }
  return ApplicationFailure.create({
    message: cut(error.message),
    type: error.code,
    nonRetryable: !error.retryable || (!step.patient && isFinal(error, step.attempt)),
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: Math.max(1, Math.ceil(error.retryAfterMs)) }),
    ...(error instanceof LaterError ? { category: ApplicationFailureCategory.BENIGN } : {}),
  });
}

/**
 * Reading, binding and the token have tried for 20 s by themselves; the run then fails rather than wait with the lock in
 * its hands. Only a read that lost its connection begins anew.
 */
function isFinal(error: RollcallError, attempt: number): boolean {
  if (error instanceof DirectoryError) return error.code !== 'directory.interrupted' || attempt >= READ_ATTEMPTS;
  return error instanceof GenesysError;
}

function cut(text: string): string {
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 1)}…` : text;
}
