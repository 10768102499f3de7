import type { SafetySettings } from '../model/settings.ts';
import type { DesiredUser, WrittenValues } from '../model/user.ts';
import { comparedToWritten } from './person-key.ts';

/** What a complete read brought, as far as its plausibility goes. */
export interface ReadFigures {
  inScope: number;
  /** The same of the last complete read; null when there was none. */
  previous: number | null;
  /** Canaries (anchors or DNs, as configured) that the read lacks. */
  canariesMissing: readonly string[];
}

type PlausibleSettings = Pick<SafetySettings, 'minimumEntries' | 'maximumDropPercent'>;

/**
 * Why a read that ended well is not to be believed, as one sentence; null when it is. A bind account that has lost its
 * rights reads nothing, and reads it successfully.
 */
export function implausible(figures: ReadFigures, safety: PlausibleSettings): string | null {
  const { inScope, previous, canariesMissing } = figures;
  const remedy = 'check bases, filter and the rights of the bind account';
  const entries = inScope === 1 ? '1 entry' : `${inScope} entries`;
  if (canariesMissing.length > 0) {
    return `The directory read lacks ${listed(canariesMissing)}, which safety.canaries expects in every read; ${remedy}.`;
  }
  if (inScope < safety.minimumEntries) {
    return `The directory read has ${entries} in scope, fewer than safety.minimumEntries (${safety.minimumEntries}); ${remedy}.`;
  }
  if (previous === null || (previous - inScope) * 100 - safety.maximumDropPercent * previous <= 1e-6) return null;
  return `The directory read has ${entries} in scope after ${previous} the last time, a drop of more than safety.maximumDrop (${safety.maximumDropPercent} %); ${remedy}, or raise the limit if so many have really left.`;
}

function listed(canaries: readonly string[]): string {
  const shown = canaries.slice(0, 3).join(' and ');
  return canaries.length > 3 ? `${shown} and ${canaries.length - 3} more` : shown;
}

/** So many, and more than half of the absent ones, make it no coincidence that logins are there without their people. */
export const REPLACED_ANCHORS = 10;

/** Somebody linked who was not read, and an entry without link that has his login. */
export interface Replacement {
  written: WrittenValues;
  desired: DesiredUser;
}

/** True unless the person key says that the login went to somebody else, as it does when accounts are used again. */
export function isReplacement({ written, desired }: Replacement, personKey: readonly string[]): boolean {
  return comparedToWritten(desired, written, personKey) !== 'differs';
}

/**
 * Why a read is not to be believed in which many linked people are missing while their logins are there under other
 * anchors: the directory was loaded anew without its ids. One sentence; null when that is not so.
 */
export function anchorsReplaced({ absent, replaced }: { absent: number; replaced: number }): string | null {
  if (replaced < REPLACED_ANCHORS || replaced * 2 <= absent) return null;
  return `The directory gave ${replaced} linked people new anchors (their logins are there, the ids they are known by are not), as a reload without entryUUID or objectGUID does; restore the ids, or run rebind --by employeeNumber or rebind --by userName to link them anew.`;
}
