import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import type { DecisionContext } from './decision.ts';
import { standingOf } from './login-holder.ts';
import type { Predecessor } from './login-holder.ts';
import { makeWay } from './make-way.ts';
import { comesFromRetired, loginTaken, loginUnproved } from './sentences.ts';
import { protectedHolder } from './succession.ts';

type Way = Pick<PlannedChange, 'reason'> &
  Partial<Pick<PlannedChange, 'parked' | 'awaits' | 'makesWay' | 'heldBecause'>>;

/**
 * How somebody who has a Genesys user already comes to another login: at once, after who has it now, by taking who has it
 * out of use, or not in this run.
 *
 * @param reason why the person is changed, to which the way adds what it takes
 */
export function wayToLogin(candidate: Candidate, context: DecisionContext, reason: string): Way {
  const standing = standingOf(candidate, context);
  switch (standing.row) {
    case 'free':
      return { reason };
    case 'leaving':
      return { reason, ...awaiting(standing.holder) };
    case 'handed-over':
      return inPlaceOf(candidate, standing.holder, context, { reason, because: standing.because });
    case 'gone':
      return inPlaceOf(candidate, standing.holder, context, { reason, because: null });
    case 'unproved':
      return { reason, ...taken(loginUnproved(standing.holder)) };
    case 'kept':
    case 'unlinked':
      return { reason, ...taken(loginTaken(standing.holder)) };
  }
}

/** Marks a change that takes a login over from somebody who gives it away in this plan. */
export function awaiting({ link, displayName }: Predecessor): Required<Pick<PlannedChange, 'awaits'>> {
  return { awaits: { genesysId: link.genesysId, displayName } };
}

/** Parks a change for want of its login. */
export function taken(message: string): { parked: NonNullable<PlannedChange['parked']> } {
  return { parked: { code: 'identity.login-taken', message } };
}

/** A link by hand is held by nothing: it decides about this person, never about who has the login. */
function inPlaceOf(
  candidate: Candidate,
  holder: Predecessor,
  context: DecisionContext,
  { reason, because }: { reason: string; because: string | null },
): Way {
  const parked = protectedHolder(holder, context);
  if (parked !== null) return { reason, parked };
  const made = context.tied === undefined ? makeWay(candidate, holder, context, because) : null;
  if (made === null) return { reason, ...taken(loginTaken(holder)) };
  const { change: makesWay, seen } = made;
  // Whoever decides sees it beside either of the two.
  const held = makesWay.heldBecause === null ? {} : { heldBecause: makesWay.heldBecause };
  return { reason: `${reason}; ${comesFromRetired(holder, seen)}`, makesWay, ...held, ...awaiting(holder) };
}
