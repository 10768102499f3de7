import type { Filter, SearchEntry } from 'ldapts';
import { type RawAttributes, rawAttributes } from './attributes.ts';
import { ConnectionLost } from './connection.ts';
import { parseFilter } from './filter.ts';
import { type Identity, identify, searchFailure, type Session } from './session.ts';

/** An entry as a search returned it. */
export interface Found {
  dn: string;
  raw: RawAttributes;
  identity: Identity;
}

export interface ScanOptions {
  filter: Filter;
  attributes: readonly string[];
  signal: AbortSignal | undefined;
  /** Gets the URLs of referrals. */
  onReferral?: (url: string) => void;
}

/**
 * Every entry below a base that a filter finds, page by page.
 * @throws DirectoryError when the search does not end with success; the signal's reason when that fires
 */
export async function* scan(session: Session, base: string, options: ScanOptions): AsyncGenerator<Found> {
  const search = { base, scope: 'sub' as const, filter: options.filter, attributes: options.attributes };
  try {
    for await (const page of session.connection.pages(search, session.settings.pageSize, options.signal)) {
      for (const url of page.references) options.onReferral?.(url);
      for (const entry of page.entries) {
        const raw = await allValues(session, entry, options.signal);
        yield { dn: entry.name, raw, identity: identify(raw, session) };
      }
    }
  } catch (error) {
    throw searchFailure(error, session, base, options.signal);
  }
}

const ANY = '(objectClass=*)';

/** The entry's attributes; where the server cut a long list of values, fetches the rest of it. */
async function allValues(
  session: Session,
  entry: SearchEntry,
  signal: AbortSignal | undefined,
): Promise<RawAttributes> {
  const { values, cut } = rawAttributes(entry);
  for (const { name, next } of cut) {
    let from: number | undefined = next;
    while (from !== undefined) {
      const attributes = [`${name};range=${from}-*`];
      const search = { base: entry.name, scope: 'base' as const, filter: parseFilter(ANY), attributes };
      const page = await session.connection.search(search, signal);
      const part = page.entries[0] === undefined ? undefined : rawAttributes(page.entries[0]);
      const more = part?.values.get(name) ?? [];
      if (more.length === 0) throw new ConnectionLost(`The values of ${name} changed while they were read`);
      values.set(name, [...(values.get(name) ?? []), ...more]);
      from = part?.cut.find((rest) => rest.name === name)?.next;
    }
  }
  return values;
}
