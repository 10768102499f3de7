import { mapEntry } from '../mapping/map-entry.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { mappingContext } from './mapping-context.ts';

/**
 * Linked people who have a login that one of those read shall get and who were not read themselves, as in a run on few
 * people: only how they stand says what becomes of the login.
 */
export async function loginHolders(dependencies: Dependencies, { runId, sync }: RunRef): Promise<Anchor[]> {
  const { state } = dependencies;
  const logins = new Set<string>();
  const read = new Set<Anchor>();
  for await (const entries of state.staging.pages(runId)) {
    for (const entry of entries) {
      read.add(entry.anchor);
      const login = loginOf(dependencies, entry);
      if (login !== null) logins.add(login);
    }
  }
  const holders = [...(await state.desired.holders(runId, sync, [...logins])).values()].flat();
  const anchors = holders.flatMap(({ via, anchor }) => (via === 'link' && anchor !== null ? [anchor] : []));
  return [...new Set(anchors)].filter((anchor) => !read.has(anchor));
}

/** A login is made of values alone, so that nobody referred to needs to be known. */
function loginOf(dependencies: Dependencies, entry: Entry): string | null {
  const context = mappingContext(dependencies, new Date(), () => undefined);
  return mapEntry(dependencies.mapping, entry, context).desired?.userName ?? null;
}
