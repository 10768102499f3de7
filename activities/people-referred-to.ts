import { dnKey } from '../directory/dn.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/**
 * Anchors of the people that the entries point to, by DN as spelled there. Someone outside the read counts as long as
 * his user is active: his leaving is then held or not proved, and nobody loses him as manager because of that.
 */
export async function peopleReferredTo(
  { mapping, state }: Dependencies,
  { runId, sync }: RunRef,
  fallbackRunId: string | null,
  entries: Entry[],
): Promise<Map<string, Anchor>> {
  const keys = new Map<string, string>();
  for (const entry of entries) {
    for (const attribute of mapping.references) {
      for (const dn of entry.attributes[attribute] ?? []) keys.set(dn, dnKey(dn));
    }
  }
  const byKey = await state.staging.anchorsByDn(sync, runId, fallbackRunId, [...new Set(keys.values())]);
  const found = [...new Set(byKey.values())];
  const inRead = await state.staging.contains(runId, found);
  const links = await state.links.byAnchor(
    sync,
    found.filter((anchor) => !inRead.has(anchor)),
  );
  const anchors = new Map<string, Anchor>();
  for (const [dn, key] of keys) {
    const anchor = byKey.get(key);
    if (anchor !== undefined && (inRead.has(anchor) || links.get(anchor)?.active === true)) anchors.set(dn, anchor);
  }
  return anchors;
}
