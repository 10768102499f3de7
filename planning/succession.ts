import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import { externalIdsOf } from '../model/external-ids.ts';
import type { DesiredUser } from '../model/user.ts';
import { planned } from './decision.ts';
import type { Decision, DecisionContext } from './decision.ts';
import { diffUser } from './diff.ts';
import { evidenceFor, judge } from './evidence.ts';
import { goneHolders } from './login-holder.ts';
import type { Predecessor } from './login-holder.ts';
import { isProtected } from './protect.ts';
import { activated } from './requests.ts';
import { retirement } from './retire.ts';
import {
  carriesAnchor,
  contradictingSigns,
  entriesMade,
  evidence,
  handedOver,
  loginProtected,
  nameOfHolder,
  unknownPerson,
} from './sentences.ts';
import { ownedValues } from './values.ts';

/** A newcomer's login belongs to somebody whose anchor is gone: the same person, another one, or nobody can tell. */
export function succeedGone(
  candidate: Candidate,
  desired: DesiredUser,
  holder: Predecessor,
  context: DecisionContext,
): Decision {
  const { personKey, onReusedLogin } = context.identity;
  if (holder.user !== null && externalIdsOf(holder.user).includes(candidate.anchor)) {
    return rebind(candidate, desired, holder, context, carriesAnchor(holder));
  }
  const seen = evidenceFor(candidate, desired, holder.link, personKey);
  const told = `${nameOfHolder(holder)} is gone from ${holder.link.directory}${evidence(seen)}`;
  const another = reused(holder, `${told}${entriesMade(seen)}`);
  const byPolicy = `${told} (identity.onReusedLogin decides)${entriesMade(seen)}`;
  switch (judge(seen)) {
    case 'same': {
      const reason = `the same person under another anchor: ${told}${entriesMade(seen)}`;
      return rebind(candidate, desired, holder, context, reason);
    }
    case 'another':
      return recycle(candidate, desired, holder, context, { reason: another, held: null });
    case 'contradiction': {
      const held = contradictingSigns(holder, seen);
      return recycle(candidate, desired, holder, context, { reason: another, held });
    }
    case 'unknown': {
      if (onReusedLogin === 'rebind') return rebind(candidate, desired, holder, context, byPolicy);
      const held = onReusedLogin === 'hold' ? unknownPerson(holder, seen) : null;
      return recycle(candidate, desired, holder, context, { reason: reused(holder, byPolicy), held });
    }
  }
}

/**
 * A newcomer cannot have his login since others want it too, but it was his already, under an anchor that is gone: he works
 * here and is no leaver, so that his user waits for him. Null: it was nobody's, or somebody else's.
 */
export function waitForOwnLogin(
  candidate: Candidate,
  desired: DesiredUser,
  context: DecisionContext,
  parked: NonNullable<PlannedChange['parked']>,
): Decision | null {
  const { personKey } = context.identity;
  const isHe = ({ link }: Predecessor): boolean => judge(evidenceFor(candidate, desired, link, personKey)) === 'same';
  const self = candidate.link === null ? goneHolders(candidate, context).find(isHe) : undefined;
  if (self === undefined) return null;
  const reason = `the same person under another anchor: ${nameOfHolder(self)} is gone from ${self.link.directory}`;
  const decision = rebind(candidate, desired, self, context, reason);
  return { ...decision, change: decision.change && { ...decision.change, parked } };
}

/** A newcomer's login belongs to somebody who is disabled or out of scope: whether it is handed over a person decides. */
export function succeedLiving(
  candidate: Candidate,
  desired: DesiredUser,
  holder: Predecessor,
  context: DecisionContext,
  because: string,
): Decision {
  const seen = evidenceFor(candidate, desired, holder.link, context.identity.personKey);
  return recycle(candidate, desired, holder, context, {
    reason: reused(holder, `${nameOfHolder(holder)} ${because}${evidence(seen)}${entriesMade(seen)}`),
    held: handedOver(holder, because, seen),
  });
}

/** The old user is retired and a new one created. */
function recycle(
  candidate: Candidate,
  desired: DesiredUser,
  holder: Predecessor,
  context: DecisionContext,
  { reason, held }: { reason: string; held: string | null },
): Decision {
  const { link, user: actual } = holder;
  const { values } = ownedValues(desired, context.references, { createOnly: true });
  const retiring = retirement(link, { actual, isTaken: (login) => context.isTaken(login) });
  return planned(candidate, 'recycle', reason, {
    genesysId: link.genesysId,
    after: { ...values, active: true },
    predecessor: { ...predecessorOf(holder), retirement: retiring },
    heldBecause: held,
    parked: protectedHolder(holder, context),
  });
}

/** The user goes on as this person's: his link moves to the new anchor, and what differs is written. */
export function rebind(
  candidate: Candidate,
  desired: DesiredUser,
  holder: Predecessor,
  context: Pick<DecisionContext, 'references' | 'protect'>,
  reason: string,
): Decision {
  const { link, user: actual } = holder;
  const inactive = !(actual?.active ?? link.active);
  const known = { written: link.written, actual, drift: 'restore' as const };
  const difference = diffUser(desired, known, context.references);
  const revived = inactive ? activated(difference, false) : difference;
  return planned(candidate, 'rebind', reason, {
    genesysId: link.genesysId,
    before: revived.before,
    after: revived.after,
    operations: revived.operations,
    predecessor: { ...predecessorOf(holder), retirement: null },
    parked: protectedHolder(holder, context),
  });
}

function predecessorOf({ link }: Predecessor): Omit<NonNullable<PlannedChange['predecessor']>, 'retirement'> {
  const { anchor, genesysId, userName, displayName } = link;
  return { anchor, genesysId, userName, displayName };
}

/** Parks a change whose login, or whose user, a protected one would have to give up; null: he is not protected. */
export function protectedHolder(
  holder: Predecessor,
  { protect }: Pick<DecisionContext, 'protect'>,
): PlannedChange['parked'] {
  const { link, user: actual } = holder;
  if (!isProtected({ desired: null, link, actual }, protect)) return null;
  return { code: 'identity.protected', message: loginProtected(nameOfHolder(holder)) };
}

function reused({ via }: Predecessor, why: string): string {
  return `the ${via === 'external id' ? via : 'login'} is used again: ${why}`;
}
