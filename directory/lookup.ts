import type { Filter } from 'ldapts';
import type { Anchor, Sighting } from '../model/entry.ts';
import { anchorOf, eitherFilter } from './anchor.ts';
import { rawAttributes } from './attributes.ts';
import { dnKey, isWithin } from './dn.ts';
import { excluder } from './exclude.ts';
import { isHidden } from './failures.ts';
import { parseFilter } from './filter.ts';
import { peopleFound, unique } from './read.ts';
import { type Found, scan } from './scan.ts';
import { anchorAttributes, anchorChunks, anchorsFilter, failure, searchFailure, type Session } from './session.ts';

/**
 * Looks where these people are now: in scope, else anywhere in the server, whatever filter and bases say. Who is in no
 * sighting is gone.
 * @throws DirectoryError when any search fails, or when the server would not show an entry that is there
 */
export async function lookUp(session: Session, anchors: Anchor[], signal?: AbortSignal): Promise<Sighting[]> {
  const asked = [...new Set(anchors)];
  const sightings = new Map<Anchor, Sighting>();
  const missing = (): Anchor[] => asked.filter((anchor) => !sightings.has(anchor));
  const record = (found: Found, inScope: boolean): void => {
    // An entry that got its configured anchor later is still the one known by the vendor's own.
    for (const anchor of [found.identity.anchor, found.identity.own]) {
      if (!sightings.has(anchor))
        sightings.set(anchor, { anchor, directory: session.settings.name, dn: found.dn, inScope });
    }
  };
  const excluded = excluder(session.settings.exclude);
  for await (const found of peopleFound(session, [], { anchors: asked, signal })) {
    if (!excluded(found.dn)) record(found, true);
  }
  for (const chunk of anchorChunks(missing())) {
    const filter = anchorsFilter(chunk, session);
    for await (const found of anywhere(session, filter, signal)) record(found, false);
  }
  if (missing().length > 0) await proveSight(session, signal);
  return asked.flatMap((anchor) => sightings.get(anchor) ?? []);
}

/**
 * Entries of the whole server that a filter finds.
 * @param attributes what to ask for besides what gives the anchor
 */
export async function* anywhere(
  session: Session,
  filter: Filter,
  signal?: AbortSignal,
  attributes: readonly string[] = [],
): AsyncGenerator<Found> {
  const { vendor, rootDse, settings } = session;
  const contexts = vendor.contexts(rootDse);
  const asked = unique([...anchorAttributes(session), ...attributes]);
  const visible: string[] = [];
  for (const context of contexts) {
    try {
      yield* scan(session, context, { filter, attributes: asked, signal });
      visible.push(dnKey(context));
    } catch (error) {
      if (!isHidden(error)) throw error;
    }
  }
  // Where the account may not search the whole, what it may search is all there is for it.
  for (const base of settings.bases) {
    if (visible.some((context) => isWithin(dnKey(base), context))) continue;
    yield* scan(session, base, { filter, attributes: asked, signal });
  }
}

const proved = new WeakSet<Session>();

/**
 * Absence proves something only where presence would show. Takes any entry that has the attribute and looks for it by
 * value, as the look for people does: rights to see may be lost, and an attribute without an equality rule is found by
 * no value, both with success.
 */
async function proveSight(session: Session, signal?: AbortSignal): Promise<void> {
  if (proved.has(session)) return;
  const { vendor, settings } = session;
  const own = await sample(session, vendor.anchorAttribute, signal);
  if (own === null) {
    throw failure(
      session,
      'directory.implausible',
      'the bind account sees no entry at all, so that nobody can be proved gone; grant it the right to read',
    );
  }
  await findAgain(session, vendor.anchorAttribute, vendor.anchorFilter(own), signal);
  if (settings.anchor !== null) {
    const configured = await sample(session, settings.anchor, signal);
    if (configured !== null)
      await findAgain(session, settings.anchor, eitherFilter(settings.anchor, configured), signal);
  }
  proved.add(session);
}

/** The anchor in the attribute of some entry that has it; null when none has. */
async function sample(session: Session, attribute: string, signal?: AbortSignal): Promise<Anchor | null> {
  for (const base of [...session.vendor.contexts(session.rootDse), ...session.settings.bases]) {
    const search = { base, scope: 'sub' as const, filter: parseFilter(`(${attribute}=*)`), attributes: [attribute] };
    try {
      for await (const page of session.connection.pages(search, 1, signal)) {
        const [entry] = page.entries;
        if (entry === undefined) continue;
        const value = rawAttributes(entry).values.get(attribute.toLowerCase())?.[0];
        const anchor = value === undefined ? null : anchorOf(value);
        if (anchor !== null) return anchor;
        break;
      }
    } catch (error) {
      const mapped = searchFailure(error, session, base, signal);
      if (!isHidden(mapped)) throw mapped;
    }
  }
  return null;
}

async function findAgain(session: Session, attribute: string, filter: string, signal?: AbortSignal): Promise<void> {
  const matches = anywhere(session, parseFilter(filter), signal);
  const { done } = await matches.next();
  await matches.return(undefined);
  if (done !== true) return;
  throw failure(
    session,
    'directory.unsupported',
    `${attribute} cannot be searched by value, so that nobody can be proved gone; give it an equality rule or take out anchor`,
  );
}
