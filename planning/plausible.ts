import type { SafetySettings } from '../model/settings.ts';

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
