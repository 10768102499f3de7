import type { ChangeKind } from '../model/change.ts';
import type { Ignore } from '../model/ignore.ts';
import type { Decision } from './identity.ts';

/**
 * What is left of a decision about somebody whom an operator told runs to ignore: a note. A leaver leaves all the same,
 * unless his very deactivation was parked when the operator spoke.
 */
export function unlessIgnored(decision: Decision, ignore: Ignore | null): Decision {
  const { change } = decision;
  if (ignore === null || change === null || !isIgnored(change.kind, ignore)) return decision;
  const problem = `the ${change.kind} is left out: ignored until ${ignore.until} by ${ignore.actor} because: ${ignore.reason}`;
  return { change: null, notes: [...decision.notes, { attribute: 'userName', problem }], drifted: decision.drifted };
}

function isIgnored(kind: ChangeKind, ignore: Ignore): boolean {
  return kind !== 'deactivate' || ignore.parkedKind === 'deactivate';
}
