import { setImmediate } from 'node:timers/promises';
import type { Anchor } from '../model/entry.ts';

/** Most rows one statement may write or one page may hold. */
export const MAX_ROWS = 5_000;
/** Most parameters one statement may carry; SQLite's own limit is 32,766. */
const MAX_PARAMETERS = 30_000;

/** Cuts rows of so many columns into portions one statement can carry. */
export function portions<T>(rows: readonly T[], columns = 1): T[][] {
  const size = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / columns));
  const result: T[][] = [];
  for (let from = 0; from < rows.length; from += size) result.push(rows.slice(from, from + size));
  return result;
}

/** Carries out `work` for one portion after the other and lets timers and sockets have their turn in between. */
export async function inPortions<T>(
  rows: readonly T[],
  columns: number,
  work: (portion: T[]) => Promise<unknown>,
): Promise<void> {
  for (const portion of portions(rows, columns)) {
    await work(portion);
    await setImmediate();
  }
}

/** The last of several rows with one key; a statement may not touch the same row twice. */
export function lastOfEach<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

/** Keyset paging: asks for the rows after a key until a page comes short. */
export async function* keysetPages<Row, Key>(
  first: Key,
  size: number,
  fetch: (after: Key) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): AsyncGenerator<Row[]> {
  for (let after = first; ;) {
    const rows = await fetch(after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < size) return;
    after = keyOf(last);
    await setImmediate();
  }
}

/** Rows with an anchor above `after` and not above `upTo`; null = without end. */
export interface AnchorRange {
  after: Anchor;
  upTo: Anchor | null;
}

/**
 * Cuts a table into ranges of at most {@link MAX_ROWS} anchors, so that no statement over it blocks the process long.
 * `boundary` gives the anchor that stands `MAX_ROWS - 1` places after the first one above `after`, if there is any.
 */
export async function* anchorRanges(
  boundary: (after: Anchor, offset: number) => Promise<Anchor | undefined>,
): AsyncGenerator<AnchorRange> {
  for (let after = ''; ;) {
    const upTo = (await boundary(after, MAX_ROWS - 1)) ?? null;
    yield { after, upTo };
    if (upTo === null) return;
    after = upTo;
    await setImmediate();
  }
}
