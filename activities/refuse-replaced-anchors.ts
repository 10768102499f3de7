import { DirectoryError } from '../model/errors.ts';
import { anchorsReplaced, isReplacement } from '../planning/plausible.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { personKeyPaths } from './surroundings.ts';

/**
 * Throws for a failed read: many linked people are missing while their logins are there under other anchors. Logins are
 * known only when the entries have been mapped, so this look comes later than the others.
 */
export async function refuseReplacedAnchors(
  { settings, state }: Dependencies,
  { runId, sync }: RunRef,
  directories: string[],
): Promise<void> {
  const key = personKeyPaths(settings);
  const { absent, pages } = await state.desired.replacedAnchors(runId, sync, directories);
  if (absent === 0) return;
  let replaced = 0;
  for await (const page of pages) replaced += page.filter((one) => isReplacement(one, key)).length;
  const problem = anchorsReplaced({ absent, replaced });
  if (problem !== null) throw new DirectoryError('directory.implausible', problem);
}
