import { mapEntry } from '../mapping/map-entry.ts';
import type { Anchor } from '../model/entry.ts';
import { PROFILES } from '../model/profile.ts';
import type { Dependencies } from './dependencies.ts';
import { readInFull, type ReadTask } from './stage-directory.ts';

/**
 * Reads whoever has a login that the people of a preview shall get: whether he is disabled or gets another one himself
 * decides what a run on everybody would do. Only for a preview, which takes nothing down about anybody.
 */
export async function readHolders(dependencies: Dependencies, task: ReadTask): Promise<void> {
  const anchors = await holders(dependencies, task);
  if (anchors.length === 0) return;
  for (const directory of dependencies.settings.directories) {
    await readInFull(dependencies, directory, task, [anchors]);
  }
}

async function holders({ settings, mapping, state }: Dependencies, { runId, sync, now }: ReadTask): Promise<Anchor[]> {
  const { defaultRegion, target } = settings;
  const { addressLogins } = PROFILES[target.profile];
  // A login is made of values alone, so that nobody referred to needs to be known.
  const anchorOf = (): undefined => undefined;
  const context = { defaultRegion, now, anchorOf, addressLogins, grantableRoles: target.grantableRoles };
  const found = new Set<Anchor>();
  for await (const entries of state.staging.pages(runId)) {
    for (const entry of entries) {
      const login = mapEntry(mapping, entry, context).desired?.userName;
      const people = login === undefined ? [] : await state.people.find(sync, { login });
      for (const { anchor, via } of people) if (via === 'link' && anchor !== entry.anchor) found.add(anchor);
    }
  }
  return [...found];
}
