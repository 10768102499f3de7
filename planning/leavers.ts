import type { Candidate } from '../model/candidate.ts';
import type { Link } from '../model/user.ts';
import { noted, planned } from './decision.ts';
import type { Decision, DecisionContext } from './decision.ts';
import { deactivation } from './requests.ts';

export function disabled(candidate: Candidate, link: Link, sign: string | null, context: DecisionContext): Decision {
  const because = sign === null ? '' : `: ${sign}`;
  const held = heldByPolicy('disabled', context);
  return leave(candidate, link, context, {
    reason: `disabled in ${candidate.directory}${because}`,
    held,
    absent: false,
  });
}

/** Only an absence that a second look proved makes a leaver. */
export function absent(candidate: Candidate, link: Link, context: DecisionContext): Decision {
  const { sighting } = context;
  if (sighting === null || sighting === 'unproved') {
    return noted('absent from the read, and a second look could not prove that the entry is gone; nothing is done');
  }
  if (sighting !== 'gone' && sighting.inScope) {
    return noted('absent from the read, but a second look found the entry in scope; nothing is done');
  }
  if (sighting === 'gone') {
    const reason = `gone from ${candidate.directory}: no directory has an entry with this anchor any more`;
    return leave(candidate, link, context, { reason, held: heldByPolicy('gone', context), absent: true });
  }
  const reason = `out of scope in ${sighting.directory}: bases, filter or exclude leave its entry out, which is now ${sighting.dn}`;
  return leave(candidate, link, context, {
    reason,
    held: heldByPolicy('outOfScope', context),
    absent: true,
  });
}

function leave(
  candidate: Candidate,
  link: Link,
  context: DecisionContext,
  leaver: { reason: string; held: string | null; absent: boolean },
): Decision {
  if (candidate.deleted) {
    return noted(`${leaver.reason}; already deleted in Genesys Cloud, so nothing is left to deactivate`);
  }
  return planned(candidate, 'deactivate', leaver.reason, {
    userName: link.userName,
    displayName: link.displayName,
    before: { active: candidate.actual?.active ?? true },
    after: { active: false },
    operations: deactivation(),
    absent: leaver.absent,
    heldBecause: context.configChanged ? 'the configuration changed since the last run' : leaver.held,
  });
}

function heldByPolicy(policy: keyof DecisionContext['leavers'], context: DecisionContext): string | null {
  return context.leavers[policy] === 'hold' ? `leavers.${policy} is set to hold` : null;
}
