import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { DesiredUser, Link, Problem, ScimUser } from '../model/user.ts';
import { knownByAnchor, knownByExternalId, knownByLogin, tiedByHand } from './adoption.ts';
import { sameValue } from './compare.ts';
import { NOTHING, note, planned } from './decision.ts';
import type { Decision, DecisionContext } from './decision.ts';
import { inPlaceOfDeleted } from './deleted.ts';
import { changesLogin, diffUser } from './diff.ts';
import type { Difference } from './diff.ts';
import { evidenceFor } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { absent, disabled } from './leavers.ts';
import { standingOfNewcomer } from './login-holder.ts';
import { isProtected } from './protect.ts';
import { invalidEntry, listing, loginComesFrom, loginTaken, loginUnproved, nameOf } from './sentences.ts';
import { isOurs, pathOf, slotAt } from './slot.ts';
import { succeedGone, succeedLiving, waitForOwnLogin } from './succession.ts';
import { numberedWhereTaken } from './suffix.ts';
import { ownedValues, presentValues } from './values.ts';
import { awaiting, taken, wayToLogin } from './way-to-login.ts';

export type { Decision, DecisionContext, TiedUser } from './decision.ts';

/** Decides what to do about one person. Protected people are left alone whatever the table says. */
export function decide(candidate: Candidate, context: DecisionContext): Decision {
  const person = numberedWhereTaken(candidate, context);
  // Who was given a number finds nobody with that login: it was given because of that. His external id may be another's.
  const ofId = context.holders.filter(({ via }) => via === 'external id');
  const decision = byTable(person, person === candidate ? context : { ...context, holders: ofId });
  const actual = candidate.actual ?? adoptedUser(decision.change, context);
  if (decision.change === null || !isProtected({ ...candidate, actual }, context.protect)) return decision;
  return {
    ...NOTHING,
    notes: [note('userName', `protected by target.protect: the ${decision.change.kind} is left out`)],
  };
}

/** The user whom a change takes over, as known. */
function adoptedUser(change: PlannedChange | null, { carriers, namesakes, holders }: DecisionContext): ScimUser | null {
  const users = [...carriers, ...namesakes, ...holders.flatMap(({ user }) => user ?? [])];
  if (change?.kind === 'adopt' && change.genesysId === null) return users[0] ?? null;
  return users.find(({ id }) => change?.kind === 'adopt' && id === change.genesysId) ?? null;
}

/** The table of identity: the first row that holds decides. The anchor, never the login, says who somebody is. */
function byTable(candidate: Candidate, context: DecisionContext): Decision {
  const { desired, link, present } = candidate;
  if (desired === null && present) return invalid(candidate, context);
  if (desired === null) return link?.active ? absent(candidate, link, context) : NOTHING;
  if (link === null && context.tied !== undefined) return tiedByHand(candidate, desired, context.tied, context);
  if (link === null && context.carriers.length > 0) return knownByAnchor(candidate, desired, context);
  if (link === null && !desired.active) return NOTHING;
  if (link === null && context.namesakes.length > 0) return knownByExternalId(candidate, desired, context);
  if (link === null) return newcomer(candidate, desired, context);
  if (!link.active && !desired.active) return NOTHING;
  if (!desired.active) return disabled(candidate, link, desired.inactiveBecause, context);
  if (candidate.deleted) return deleted(candidate, link, desired, context);
  if (!link.active) return returner(candidate, link, desired, context);
  if (candidate.actual?.active === false && context.drift === 'restore') {
    return returner(candidate, link, desired, context);
  }
  return inStep(candidate, link, desired, context);
}

/**
 * An entry that fails validation is present: never a leaver, and it clears nothing. Its sign of being disabled needs no
 * mapping, so that it counts all the same: many a directory strips the mail of people whom it disables.
 */
function invalid(candidate: Candidate, context: DecisionContext): Decision {
  const { disabledBecause, link } = candidate;
  if (disabledBecause !== null) return link?.active ? disabled(candidate, link, disabledBecause, context) : NOTHING;
  const kind = candidate.link === null ? 'create' : 'update';
  const parked = { code: 'identity.invalid-entry', message: invalidEntry(candidate.problems) };
  return planned(candidate, kind, 'the directory entry is invalid', { parked });
}

/**
 * The table of holders: who has the login that a newcomer shall have decides what becomes of him. Somebody who had a user of
 * his own takes the place of nobody else.
 */
function newcomer(candidate: Candidate, desired: DesiredUser, context: DecisionContext): Decision {
  const standing = standingOfNewcomer(candidate, context);
  const seenOf = ({ link }: LoginHolder): Evidence | null =>
    link === null ? null : evidenceFor(candidate, desired, link, context.identity.personKey);
  const succeeds = standing.row === 'handed-over' || standing.row === 'gone';
  if (succeeds && candidate.link !== null)
    return create(candidate, desired, context, taken(loginTaken(standing.holder, seenOf(standing.holder))));
  switch (standing.row) {
    case 'free':
      return create(candidate, desired, context, {});
    case 'leaving':
      return create(candidate, desired, context, awaiting(standing.holder));
    case 'kept': {
      const parked = taken(loginTaken(standing.holder, seenOf(standing.holder)));
      const waiting = waitForOwnLogin(candidate, desired, context, parked.parked);
      return waiting ?? create(candidate, desired, context, parked);
    }
    case 'handed-over':
      return succeedLiving(candidate, desired, standing.holder, context, standing.because);
    case 'gone':
      return succeedGone(candidate, desired, standing.holder, context);
    case 'unproved':
      return create(candidate, desired, context, taken(loginUnproved(standing.holder, seenOf(standing.holder))));
    case 'unlinked':
      return knownByLogin(candidate, desired, standing.user, context);
  }
}

function create(
  candidate: Candidate,
  desired: DesiredUser,
  context: DecisionContext,
  more: Partial<PlannedChange>,
): Decision {
  const { values, unresolved } = ownedValues(desired, context.references, { createOnly: true });
  const details = { after: { ...values, active: true }, ...more };
  const from = more.awaits === undefined ? '' : `; ${loginComesFrom(more.awaits.displayName)}`;
  const decision = planned(candidate, 'create', `new in ${candidate.directory}${from}`, details);
  return { ...decision, notes: waitingNotes(desired, unresolved, context) };
}

function returner(candidate: Candidate, link: Link, desired: DesiredUser, context: DecisionContext): Decision {
  const known = { written: link.written, actual: candidate.actual };
  const difference = diffUser(desired, { ...known, drift: 'restore' }, context.references);
  const { values, unresolved } = ownedValues(desired, context.references, { createOnly: false });
  const reason = link.active
    ? 'made inactive in Genesys Cloud, made active again'
    : `active again in ${candidate.directory}`;
  const decision = planned(candidate, 'reactivate', reason, {
    before: { ...presentValues(Object.keys(values), known), active: false },
    after: { ...values, active: true },
    ...(changesLogin(difference) ? wayToLogin(candidate, context, reason) : {}),
  });
  return { ...decision, notes: waitingNotes(desired, unresolved, context) };
}

function inStep(candidate: Candidate, link: Link, desired: DesiredUser, context: DecisionContext): Decision {
  const known = { written: link.written, actual: candidate.actual, drift: context.drift };
  const difference = diffUser(desired, known, context.references);
  const switchedOff = candidate.actual?.active === false && context.drift === 'report';
  const observed = {
    notes: waitingNotes(desired, difference.unresolved, context),
    drifted: switchedOff ? ['active', ...difference.drifted] : difference.drifted,
  };
  const waits = difference.unresolved.some((anchor) => context.coming(anchor));
  if (difference.operations.length === 0 && !waits) return { ...NOTHING, ...observed };
  const reason = updateReason(candidate, link, difference);
  const decision = planned(candidate, 'update', reason, {
    before: difference.before,
    after: difference.after,
    operations: difference.operations,
    ...(changesLogin(difference) ? wayToLogin(candidate, context, reason) : {}),
  });
  return { ...decision, ...observed };
}

/** Somebody deleted his user: whoever lacks one comes to another by the rows for somebody new, though never in silence. */
function deleted(candidate: Candidate, link: Link, desired: DesiredUser, context: DecisionContext): Decision {
  const { carriers, namesakes, identity } = context;
  const known = carriers.length > 0 ? knownByAnchor : namesakes.length > 0 ? knownByExternalId : newcomer;
  const { change, ...told } = known(candidate, desired, context);
  return { ...told, change: change && inPlaceOfDeleted(change, link, identity.onDeletedUser) };
}

function updateReason(candidate: Candidate, link: Link, difference: Difference): string {
  const paths = Object.keys(difference.after);
  if (paths.length === 0) return 'a reference changed to somebody whom this run creates';
  const drift = paths.filter((path) => wasChangedElsewhere(path, candidate, link, difference));
  const ours = paths.filter((path) => !drift.includes(path));
  const sentences = [
    ...(ours.length > 0 ? [`${listing(ours.map(nameOf))} changed`] : []),
    ...(drift.length > 0 ? [`${listing(drift.map(nameOf))} put back after a change in Genesys Cloud`] : []),
  ];
  return sentences.join('; ');
}

/** True when the directory wants what Rollcall wrote already and only reality differs. */
function wasChangedElsewhere(path: string, candidate: Candidate, link: Link, difference: Difference): boolean {
  const slot = slotAt(path, pathOf(path), { written: link.written, actual: candidate.actual });
  const after = difference.after[path] ?? null;
  return after !== null && !isOurs(slot) && sameValue(slot.path, after, slot.written);
}

function waitingNotes(desired: DesiredUser, unresolved: readonly Anchor[], context: DecisionContext): Problem[] {
  return desired.attributes
    .filter(({ reference }) => reference !== null && unresolved.includes(reference) && !context.coming(reference))
    .map(({ path }) => note(nameOf(path), 'points to somebody without a Genesys Cloud user; a later run sets it'));
}
