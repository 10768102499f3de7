import { openDirectory } from '../directory/open.ts';
import { DirectoryError } from '../model/errors.ts';
import type { Anchor, Sighting } from '../model/entry.ts';
import type { Dependencies } from './dependencies.ts';

export type Absence = Sighting | 'gone' | 'unproved';

/**
 * Looks once more for people whom the read did not return, by anchor, in all directories and beyond the configured
 * scope. Gone is only who is in none of them; while one directory cannot be asked nobody is.
 */
export async function proveAbsence(
  { settings, mapping }: Dependencies,
  anchors: Anchor[],
  signal: AbortSignal,
): Promise<Map<Anchor, Absence>> {
  const found = new Map<Anchor, Absence>();
  if (anchors.length === 0) return found;
  let allAnswered = true;
  for (const directory of settings.directories) {
    try {
      for (const sighting of await look(directory, mapping.attributes, anchors, signal)) {
        const earlier = found.get(sighting.anchor);
        if (earlier === undefined || sighting.inScope) found.set(sighting.anchor, sighting);
      }
    } catch (error) {
      if (!(error instanceof DirectoryError) || settings.directories.length === 1) throw error;
      allAnswered = false;
    }
  }
  for (const anchor of anchors) if (!found.has(anchor)) found.set(anchor, allAnswered ? 'gone' : 'unproved');
  return found;
}

async function look(
  settings: Dependencies['settings']['directories'][number],
  attributes: readonly string[],
  anchors: Anchor[],
  signal: AbortSignal,
): Promise<Sighting[]> {
  const directory = await openDirectory(settings, { attributes, now: new Date(), signal });
  try {
    return await directory.lookup(anchors, signal);
  } finally {
    await directory.close();
  }
}
