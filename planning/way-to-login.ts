import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import type { DecisionContext } from './decision.ts';
import { standingOf } from './login-holder.ts';
import type { Predecessor } from './login-holder.ts';
import { loginTaken, loginUnproved } from './sentences.ts';

type Way = Pick<PlannedChange, 'parked' | 'awaits'>;

/** How somebody who has a Genesys user already comes to another login: at once, after who has it now, or not in this run. */
export function wayToLogin(candidate: Candidate, context: DecisionContext): Way {
  const standing = standingOf(candidate, context);
  if (standing.row === 'free') return { parked: null };
  if (standing.row === 'leaving') return { parked: null, ...awaiting(standing.holder) };
  const message = standing.row === 'unproved' ? loginUnproved(standing.holder) : loginTaken(standing.holder);
  return { parked: { code: 'identity.login-taken', message } };
}

/** Marks a change that takes a login over from somebody who gives it away in this plan. */
export function awaiting({ link, displayName }: Predecessor): Required<Pick<PlannedChange, 'awaits'>> {
  return { awaits: { genesysId: link.genesysId, displayName } };
}
