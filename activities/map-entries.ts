import { mapEntry } from '../mapping/map-entry.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import { withSuffix } from '../planning/suffix.ts';
import type { DesiredRow, RunNote } from '../state/state.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { mappingContext } from './mapping-context.ts';
import { peopleReferredTo } from './people-referred-to.ts';

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
  const suffixes = await state.links.suffixes(ref.sync);
  for await (const entries of state.staging.pages(ref.runId)) {
    const anchors = await peopleReferredTo(dependencies, ref, fallbackRunId, entries);
    const { rows, notes } = mapPage(dependencies, entries, anchors, suffixes, now);
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
  suffixes: Map<Anchor, number>,
  now: Date,
): { rows: DesiredRow[]; notes: RunNote[] } {
  const notes: RunNote[] = [];
  const context = mappingContext({ settings }, now, (dn) => anchors.get(dn));
  const rows = entries.map((entry): DesiredRow => {
    const { anchor, directory, dn, disabledBecause, provenance } = entry;
    const mapped = mapEntry(mapping, entry, context);
    for (const problem of mapped.problems) notes.push({ anchor, dn, severity: 'problem', ...problem });
    for (const warning of mapped.warnings) notes.push({ anchor, dn, severity: 'warning', ...warning });
    const suffix = suffixes.get(anchor);
    const desired =
      mapped.desired === null || suffix === undefined ? mapped.desired : withSuffix(mapped.desired, suffix);
    return { anchor, directory, dn, desired, problems: mapped.problems, disabledBecause, provenance };
  });
  return { rows, notes };
}
