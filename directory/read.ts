import { AndFilter, type Filter } from 'ldapts';
import type { Anchor, Entry, ReadCounts } from '../model/entry.ts';
import { textAttributes } from './attributes.ts';
import { dnKey } from './dn.ts';
import { enabledState, STATE_ATTRIBUTES } from './enabled.ts';
import { excluder } from './exclude.ts';
import { provenanceOf } from './provenance.ts';
import { type Found, scan } from './scan.ts';
import { stampOf } from './stamp.ts';
import { anchorAttributes, anchorChunks, anchorsFilter, failure, scopeFilter, type Session } from './session.ts';

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Only these people. */
  anchors?: Anchor[] | undefined;
}

/** A read under way. It is complete when the iteration ends without an error, and not before. */
export interface DirectoryRead {
  /** May be iterated once. Throws DirectoryError when the read fails; whatever came before counts for nothing then. */
  entries: AsyncIterable<Entry>;
  /** Final after the iteration. */
  counts: ReadCounts;
}

/** Reads everybody in scope, or those of the anchors that are. */
export function readEntries(session: Session, options: ReadOptions): DirectoryRead {
  const counts: ReadCounts = { read: 0, inScope: 0, referrals: [] };
  return { entries: entriesInScope(session, options, counts), counts };
}

async function* entriesInScope(session: Session, options: ReadOptions, counts: ReadCounts): AsyncGenerator<Entry> {
  const { settings } = session;
  const excluded = excluder(settings.exclude);
  const wanted = options.anchors === undefined ? null : new Set(options.anchors);
  for await (const found of peopleFound(session, readAttributes(session), options, counts)) {
    if (wanted?.has(found.identity.anchor) === false) continue;
    counts.read += 1;
    if (excluded(found.dn)) continue;
    counts.inScope += 1;
    yield entryOf(found, session);
  }
}

/**
 * Everybody whom bases and filter take in, each once; `exclude` is not applied yet. With `anchors` those who have one of
 * them in any attribute that may hold an anchor.
 * @param attributes what to ask for besides what gives the anchor
 */
export async function* peopleFound(
  session: Session,
  attributes: readonly string[],
  { signal, anchors }: ReadOptions,
  counts?: ReadCounts,
): AsyncGenerator<Found> {
  const isNew = newcomers(session);
  const referrals = new Set<string>();
  const onReferral = (url: string): void => {
    if (!referrals.has(url)) counts?.referrals.push(url);
    referrals.add(url);
  };
  for (const base of session.settings.bases) {
    for (const filter of filters(session, anchors)) {
      const asked = [...anchorAttributes(session), ...attributes];
      for await (const found of scan(session, base, { filter, attributes: unique(asked), signal, onReferral })) {
        if (isNew(found)) yield found;
      }
    }
  }
}

function filters(session: Session, anchors: Anchor[] | undefined): Filter[] {
  const scope = scopeFilter(session);
  if (anchors === undefined) return [scope];
  return anchorChunks(anchors).map((chunk) => new AndFilter({ filters: [scope, anchorsFilter(chunk, session)] }));
}

/** Tells the first sight of an entry from later ones: bases may overlap, and an entry may move while it is read. */
function newcomers(session: Session): (found: Found) => boolean {
  const owns = new Set<Anchor>();
  // Only a configured attribute can give two entries one anchor.
  const anchors = session.settings.anchor === null ? null : new Set<Anchor>();
  return ({ identity: { own, anchor } }) => {
    if (owns.has(own)) return false;
    owns.add(own);
    if (anchors?.has(anchor) === true) {
      throw failure(
        session,
        'directory.implausible',
        `two entries hold the anchor ${anchor} in ${session.settings.anchor}; correct one of them`,
      );
    }
    anchors?.add(anchor);
    return true;
  };
}

/** Everything an {@link Entry} is made of, besides its anchor. */
export function readAttributes({ vendor, settings, attributes, light }: Session): string[] {
  const configured = [settings.disabledWhen?.attribute, settings.startsAt?.attribute];
  const own = configured.filter((name) => name !== undefined);
  const provenance = light ? [] : Object.values(vendor.provenanceAttributes).filter((name) => name !== null);
  return [...vendor.stampAttributes, ...STATE_ATTRIBUTES, ...provenance, ...own, ...attributes];
}

/** Some servers refuse to be asked for one attribute twice. */
export function unique(names: string[]): string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}

export function entryOf({ dn, raw, identity }: Found, session: Session): Entry {
  const { settings, vendor, now } = session;
  const all = textAttributes(raw);
  return {
    directory: settings.name,
    vendor: vendor.name,
    anchor: identity.anchor,
    dn,
    dnKey: dnKey(dn),
    ...stampOf(all, vendor, session),
    ...enabledState(all, settings, now),
    attributes: onlyRequested(all, session.attributes),
    provenance: provenanceOf(raw, all, vendor),
  };
}

/** Attributes asked for by name; `*` and `+` ask for all. */
function onlyRequested(all: Record<string, string[]>, requested: readonly string[]): Record<string, string[]> {
  if (requested.includes('*') || requested.includes('+')) return all;
  const names = new Set(requested.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
