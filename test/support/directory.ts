import { openDirectory } from '../../directory/open.ts';
import type { Entry, ReadCounts, Sighting } from '../../model/entry.ts';
import type { DirectorySettings } from '../../model/settings.ts';

export const NOW = new Date('2026-11-23T12:00:00Z');

export interface ReadResult extends ReadCounts {
  entries: Entry[];
}

/** Opens, reads everything and closes. */
export async function readDirectory(
  settings: DirectorySettings,
  options: { attributes?: string[]; anchors?: string[]; budgetMs?: number; light?: boolean } = {},
): Promise<ReadResult> {
  const { attributes = ['cn', 'mail'], anchors, ...others } = options;
  const directory = await openDirectory(settings, { attributes, now: NOW, ...others });
  try {
    const read = directory.read({ anchors });
    const entries: Entry[] = [];
    for await (const entry of read.entries) entries.push(entry);
    return { ...read.counts, entries };
  } finally {
    await directory.close();
  }
}

/** Opens, looks the anchors up and closes. */
export async function lookUpDirectory(settings: DirectorySettings, anchors: string[]): Promise<Sighting[]> {
  const directory = await openDirectory(settings, { attributes: [], now: NOW });
  try {
    return await directory.lookup(anchors);
  } finally {
    await directory.close();
  }
}

/** The entry whose first RDN has this value, ignoring case. */
export function named({ entries }: ReadResult, value: string): Entry {
  const found = entries.find(({ dnKey }) => dnKey.slice(dnKey.indexOf('=') + 1).startsWith(`${value.toLowerCase()},`));
  if (found === undefined) throw new Error(`no entry is named ${value}`);
  return found;
}
