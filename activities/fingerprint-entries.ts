import type { Anchor, Entry } from '../model/entry.ts';
import type { Link } from '../model/user.ts';
import { hashFingerprint } from '../state/hash.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { peopleReferredTo } from './people-referred-to.ts';

/** Gives every staged entry its fingerprint, by which deltas tell who has to be read in full. */
export async function fingerprintEntries(
  dependencies: Dependencies,
  ref: RunRef,
  fallbackRunId: string | null,
): Promise<void> {
  const { settings, mapping, state } = dependencies;
  for await (const entries of state.staging.allPages(ref.runId)) {
    const anchors = await peopleReferredTo(dependencies, ref, fallbackRunId, entries);
    const links = await state.links.byAnchor(ref.sync, [...new Set(anchors.values())]);
    const prints = entries.map((entry) => ({
      anchor: entry.anchor,
      directory: entry.directory,
      fingerprint: hashFingerprint(entry, idsOf(entry, mapping.references, anchors, links), settings.hash),
    }));
    await state.staging.setFingerprints(ref.runId, prints);
  }
}

function idsOf(
  entry: Entry,
  attributes: readonly string[],
  anchors: ReadonlyMap<string, Anchor>,
  links: ReadonlyMap<Anchor, Link>,
): (string | null)[] {
  return attributes.flatMap((attribute) =>
    (entry.attributes[attribute] ?? []).map((dn) => {
      const anchor = anchors.get(dn);
      // Nobody, somebody without a user yet, and his user are three different things.
      return anchor === undefined ? null : (links.get(anchor)?.genesysId ?? `waits for ${anchor}`);
    }),
  );
}
