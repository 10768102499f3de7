import { dnKey } from '../directory/dn.ts';
import { mapEntry } from '../mapping/map-entry.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import type { DesiredRow, RunNote } from '../state/state.ts';
import type { Dependencies, RunRef } from './dependencies.ts';

/** Maps every staged entry to the user it shall be, page by page, into state. Returns how many entries are invalid. */
export async function mapEntries(
  dependencies: Dependencies,
  ref: RunRef,
  fallbackRunId: string | null,
): Promise<number> {
  const { state } = dependencies;
  const now = new Date();
  let invalid = 0;
  await state.desired.begin(ref.runId);
  for await (const entries of state.staging.pages(ref.runId)) {
    const anchors = await managers(dependencies, ref, fallbackRunId, entries);
    const { rows, notes } = mapPage(dependencies, entries, anchors, now);
    invalid += rows.filter((row) => row.desired === null).length;
    await state.desired.add(ref.runId, rows);
    if (notes.length > 0) await state.runs.addNotes(ref.runId, notes);
  }
  return invalid;
}

function mapPage(
  { settings, mapping }: Dependencies,
  entries: Entry[],
  anchors: Map<string, Anchor>,
  now: Date,
): { rows: DesiredRow[]; notes: RunNote[] } {
  const notes: RunNote[] = [];
  const anchorOf = (dn: string): Anchor | undefined => anchors.get(dn);
  const { defaultRegion, target } = settings;
  const context = { defaultRegion, now, anchorOf, grantableRoles: target.grantableRoles };
  const rows = entries.map((entry): DesiredRow => {
    const { anchor, directory, dn } = entry;
    const mapped = mapEntry(mapping, entry, context);
    for (const problem of mapped.problems) notes.push({ anchor, dn, severity: 'problem', ...problem });
    for (const warning of mapped.warnings) notes.push({ anchor, dn, severity: 'warning', ...warning });
    const { disabledBecause } = entry;
    return { anchor, directory, dn, desired: mapped.desired, problems: mapped.problems, disabledBecause };
  });
  return { rows, notes };
}

/**
 * Anchors of the people that the entries point to, by DN as spelled there. Someone outside the read counts as long as
 * his user is active: his leaving is then held or not proved, and nobody loses him as manager because of that.
 */
async function managers(
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
