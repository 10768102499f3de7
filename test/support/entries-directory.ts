import type { Directory } from '../../directory/open.ts';
import type { Anchor, Entry, Sighting } from '../../model/entry.ts';

/** Who stands in for a directory server. */
export interface Staff {
  /** Everybody in scope, or those of the anchors. */
  entries(anchors?: readonly Anchor[]): Entry[];
  sightings(anchors: readonly Anchor[]): Sighting[];
}

/** A directory of these people, for whole runs in one process: the directory room has tests of its own on real servers. */
export function directoryOf(staff: Staff): Directory {
  return {
    vendor: 'openldap',
    server: 'none',
    read: ({ anchors } = {}) => {
      const entries = staff.entries(anchors);
      const counts = { read: entries.length, inScope: entries.length, referrals: [] };
      return { entries: iterate(entries), counts };
    },
    lookup: (anchors) => Promise.resolve(staff.sightings(anchors)),
    inspect: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
