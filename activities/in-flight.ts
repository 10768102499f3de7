import { Context } from '@temporalio/activity';
import { LaterError } from '../model/errors.ts';
import type { ChangeRow } from '../state/state.ts';

/** Longer than any request may take: whoever made an older claim has none on its way any more. */
const LONGEST_REQUEST_MS = 15_000;

/**
 * Whether the claim was not made by an earlier attempt of this activity, which Temporal has given up. After a reset two
 * activities may be at one change: the slices of the execution that was reset go on beside those of the new one.
 */
export function isOfAnotherActivity({ claim }: ChangeRow): boolean {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return claim !== null && (attempt === 1 || Date.parse(claim.at) < scheduledTimestampMs);
}

/**
 * Puts the look at Genesys off while a request may be on its way: its outcome could not be seen yet.
 *
 * @throws LaterError until whoever made the claim must have its answer
 */
export function waitForAnswer({ claim }: ChangeRow): void {
  const waitMs = claim === null ? 0 : Date.parse(claim.at) + LONGEST_REQUEST_MS - Date.now();
  if (waitMs > 0) throw new LaterError('A request for this change may still be on its way; looking after it.', waitMs);
}
