import type { Anchor } from '../model/entry.ts';
import type { Link } from '../model/user.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Linked people to whom these were last written to refer, by Genesys id. */
async function writtenManagers(
  { state }: Pick<Dependencies, 'state'>,
  sync: string,
  links: readonly Link[],
): Promise<Map<string, Link>> {
  const managers = new Map<string, Link>();
  for (const { written } of links) {
    for (const value of Object.values(written)) {
      if (typeof value !== 'object' || !('value' in value) || typeof value.value !== 'string') continue;
      const manager = managers.has(value.value) ? null : await state.links.byGenesysId(sync, value.value);
      if (manager !== null) managers.set(value.value, manager);
    }
  }
  return managers;
}

/** Genesys ids of managers as last written who are linked, active and not in the run's read: nobody loses them yet. */
export async function absentManagers(
  dependencies: Pick<Dependencies, 'state'>,
  { runId, sync }: RunRef,
  links: readonly Link[],
): Promise<Set<string>> {
  const active = [...(await writtenManagers(dependencies, sync, links))].filter(([, link]) => link.active);
  const read = await dependencies.state.staging.contains(
    runId,
    active.map(([, { anchor }]) => anchor),
  );
  return new Set(active.filter(([, { anchor }]) => !read.has(anchor)).map(([genesysId]) => genesysId));
}

/** Anchors of the managers as last written, who have to be read with their reports: whoever is not counts as absent. */
export async function managersToRead(
  { state }: Pick<Dependencies, 'state'>,
  sync: string,
  people: Anchor[],
): Promise<Anchor[]> {
  const links = await state.links.byAnchor(sync, people);
  const managers = await writtenManagers({ state }, sync, [...links.values()]);
  return [...managers.values()].map(({ anchor }) => anchor);
}
