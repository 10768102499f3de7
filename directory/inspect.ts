import { type Filter, OrFilter } from 'ldapts';
import type { Anchor, Entry } from '../model/entry.ts';
import { rawAttributes } from './attributes.ts';
import { dnKey, escapeFilterValue, isWithin } from './dn.ts';
import { excluder } from './exclude.ts';
import { isHidden } from './failures.ts';
import { parseFilter } from './filter.ts';
import { anywhere } from './lookup.ts';
import { entryOf, readAttributes, unique } from './read.ts';
import type { Found } from './scan.ts';
import { anchorAttributes, anchorsFilter, identify, searchFailure, type Session } from './session.ts';

/** Whom to look for: entries with any of the anchors, the entry at the DN, entries with the login as any of the values. */
export interface Named {
  anchors: readonly Anchor[];
  dn: string | null;
  login: { value: string; attributes: readonly string[] } | null;
}

/** One entry, and what puts it in scope or keeps it out. */
export interface Inspection {
  entry: Entry;
  /** The configured bases that it stands below; none = out of scope. */
  withinBases: string[];
  /** Whether the vendor's own filter takes it for a person. */
  isPerson: boolean;
  /** Whether the configured filter takes it in; null = none is configured. */
  matchesFilter: boolean | null;
  /** The patterns of `exclude` that keep it out. */
  excludedBy: string[];
  /** All of it together: whether a read would take it in. */
  inScope: boolean;
}

/** What keeps an entry out of scope, as one phrase that names no value. */
export function whyOutOfScope({ entry, withinBases, isPerson, matchesFilter, excludedBy }: Inspection): string {
  const { directory } = entry;
  if (withinBases.length === 0) return `it is below none of the bases of ${directory}`;
  if (!isPerson) return `${directory} does not show it as a person`;
  if (matchesFilter === false) return `it does not match the filter of ${directory}`;
  return `exclude of ${directory} matches it (${excludedBy.join(', ')})`;
}

/** Many entries with one login are a sign of a wrong attribute; the first ones show that. */
const MOST = 10;

/** Looks for entries anywhere in the server and judges each by every rule of the scope. At most 10 by login. */
export async function inspect(session: Session, named: Named): Promise<Inspection[]> {
  const found = new Map<Anchor, Found>();
  for (const one of await atDn(session, named.dn)) found.set(one.identity.own, one);
  const filters = nameFilters(session, named);
  if (filters.length > 0) {
    const matches = anywhere(session, new OrFilter({ filters }), undefined, readAttributes(session));
    for await (const one of matches) {
      if (found.size >= MOST + named.anchors.length) break;
      if (!found.has(one.identity.own)) found.set(one.identity.own, one);
    }
  }
  const inspections: Inspection[] = [];
  for (const one of found.values()) inspections.push(await judge(session, one));
  return inspections;
}

function nameFilters(session: Session, { anchors, login }: Named): Filter[] {
  const byAnchor = anchors.length === 0 ? [] : [anchorsFilter([...anchors], session)];
  if (login === null) return byAnchor;
  const value = escapeFilterValue(login.value);
  return [...byAnchor, ...login.attributes.map((attribute) => parseFilter(`(${attribute}=${value})`))];
}

async function atDn(session: Session, dn: string | null): Promise<Found[]> {
  const key = dnKey(dn ?? '');
  const { vendor, rootDse, settings } = session;
  const places = [...vendor.contexts(rootDse), ...settings.bases].map(dnKey);
  // Of another server's entry this one would only say where to ask.
  if (dn === null || !places.some((place) => isWithin(key, place))) return [];
  const attributes = unique([...anchorAttributes(session), ...readAttributes(session)]);
  const entries = await entriesAt(session, dn, '(objectClass=*)', attributes);
  return entries.map((entry) => {
    const raw = rawAttributes(entry).values;
    return { dn: entry.name, raw, identity: identify(raw, session) };
  });
}

async function judge(session: Session, found: Found): Promise<Inspection> {
  const { settings, vendor } = session;
  const key = dnKey(found.dn);
  const matches = async (filter: string): Promise<boolean> =>
    (await entriesAt(session, found.dn, filter, [vendor.anchorAttribute])).length > 0;
  const withinBases = settings.bases.filter((base) => isWithin(key, dnKey(base)));
  const isPerson = await matches(vendor.userFilter);
  const matchesFilter = settings.filter === null ? null : await matches(settings.filter);
  const excludedBy = settings.exclude.filter((pattern) => excluder([pattern])(found.dn));
  const inScope = withinBases.length > 0 && isPerson && matchesFilter !== false && excludedBy.length === 0;
  return { entry: entryOf(found, session), withinBases, isPerson, matchesFilter, excludedBy, inScope };
}

/** The entry at a DN if a filter matches it; nothing where there is none, or none that the account may see. */
async function entriesAt(session: Session, dn: string, filter: string, attributes: readonly string[]) {
  try {
    const search = { base: dn, scope: 'base' as const, filter: parseFilter(filter), attributes };
    return (await session.connection.search(search)).entries;
  } catch (error) {
    if (isHidden(error)) return [];
    throw searchFailure(error, session, dn, undefined);
  }
}
