import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import { planned } from './decision.ts';
import type { DecisionContext } from './decision.ts';
import { evidenceFor, judge } from './evidence.ts';
import type { Predecessor } from './login-holder.ts';
import { retirement } from './retire.ts';
import { entriesMade, evidence, loginGiven, loginOfOneself, nameOfHolder } from './sentences.ts';

/** What takes a user out of use, and why, as the end of a sentence about him. */
interface MadeWay {
  change: PlannedChange;
  seen: string;
}

/**
 * Takes a linked user who may not work any more out of use, so that somebody who has a user already gets his login: a
 * recycle without a new user. It goes ahead only where the holder is gone and surely was another person.
 *
 * @param because why the holder is there and may not work; null = no directory has his anchor any more
 */
export function makeWay(
  candidate: Candidate,
  holder: Predecessor,
  context: DecisionContext,
  because: string | null,
): MadeWay | null {
  const { desired } = candidate;
  if (desired === null) return null;
  const { link, user: actual } = holder;
  const { genesysId, userName, displayName } = link;
  const { personKey } = context.identity;
  const found = evidenceFor(candidate, desired, link, personKey);
  const verdict = judge(found);
  const seen = `${because ?? `is gone from ${link.directory}`}${evidence(found)}${entriesMade(found)}`;
  const retiring = retirement(link, { actual, isTaken: (login) => context.isTaken(login) });
  const mayBeHeld = verdict === 'same' ? loginOfOneself(holder, seen) : loginGiven(holder, seen);
  const isFree = because === null && (verdict === 'another' || (verdict === 'unknown' && reusesUnasked(context)));
  const { change } = planned(
    candidate,
    'recycle',
    `the login goes to ${desired.displayName}, who has a user already: ${nameOfHolder(holder)} ${seen}`,
    {
      anchor: link.anchor,
      directory: link.directory,
      dn: link.dn,
      genesysId,
      userName,
      displayName,
      before: retiring.before,
      after: retiring.after,
      desired: null,
      heldBecause: isFree ? null : mayBeHeld,
      predecessor: { anchor: link.anchor, genesysId, userName, displayName, retirement: retiring, alone: true },
    },
  );
  return change && { change, seen };
}

/** Of two users of whom nobody can tell whether they are one person's neither goes on as the other's. */
function reusesUnasked({ identity }: DecisionContext): boolean {
  return identity.onReusedLogin === 'recycle';
}
