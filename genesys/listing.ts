import { GenesysError, RollcallError } from '../model/errors.ts';
import type { ScimUser } from '../model/user.ts';
import { pause } from './call.ts';
import type { UserPage } from './scim-user.ts';

/** Reads the page that begins at a 1-based index. */
export type FetchPage = (startIndex: number) => Promise<UserPage>;

/** No organisation is larger; bounds a listing whose total keeps growing. */
const MOST_USERS = 1_000_000;
/** Two windows of the service's rate limit. */
const LONGEST_THROTTLE_MS = 120_000;

/**
 * Every user of a listing once. When people were added or removed while it was read, pages shift and somebody may be
 * missed: then it is read a second time, and only those not seen yet are yielded. A second listing that does not have as
 * many users as it says it has is a failed read.
 */
export async function* wholeListing(fetchPage: FetchPage): AsyncGenerator<ScimUser[]> {
  const yielded = new Set<string>();
  const first = yield* onePass(fetchPage, yielded);
  if (first.steady && first.seen === first.total) return;
  const second = yield* onePass(fetchPage, yielded);
  if (second.seen === second.total) return;
  throw new GenesysError(
    'genesys.protocol',
    `Genesys Cloud says that it has ${second.total} users in this listing but returned ${second.seen}, twice: try again when nobody else is changing users in bulk.`,
    { retryable: true },
  );
}

interface Pass {
  /** Different users in this pass. */
  seen: number;
  /** `totalResults` of its last page. */
  total: number;
  /** Whether the total was the same on every page. */
  steady: boolean;
}

async function* onePass(fetchPage: FetchPage, yielded: Set<string>): AsyncGenerator<ScimUser[], Pass> {
  const ids = new Set<string>();
  const totals = new Set<number>();
  let next = 1;
  let total: number;
  do {
    const page = await fetchPage(next);
    total = page.total;
    totals.add(total);
    for (const { id } of page.users) ids.add(id);
    const fresh = page.users.filter(({ id }) => !yielded.has(id) && yielded.add(id));
    if (fresh.length > 0) yield fresh;
    if (page.users.length === 0) break;
    next += page.users.length;
  } while (next <= Math.min(total, MOST_USERS));
  return { seen: ids.size, total, steady: totals.size === 1 };
}

/**
 * Waits out the rate limit in the middle of a listing, at most two minutes a page: a listing of thousands of pages that
 * began anew after every refusal would never end.
 */
export async function waitOutThrottling<T>(read: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const deadline = Date.now() + LONGEST_THROTTLE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'genesys.throttled') throw error;
      const wait = error.retryAfterMs ?? 1_000;
      if (Date.now() + wait > deadline) throw error;
      await pause(wait, signal);
    }
  }
}
