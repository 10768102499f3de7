import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor, Sighting } from '../model/entry.ts';
import type { Settings } from '../model/settings.ts';
import type { DesiredUser, Link, Problem, ScimUser } from '../model/user.ts';
import { sameValue } from './compare.ts';
import { diffUser } from './diff.ts';
import type { Difference, Drift } from './diff.ts';
import { isProtected } from './protect.ts';
import type { Protection } from './protect.ts';
import type { References } from './references.ts';
import { ACTIVATION, deactivation } from './requests.ts';
import { invalidEntry, listing, loginTaken, nameOf } from './sentences.ts';
import { isOurs, pathOf, slotAt } from './slot.ts';
import { ownedValues, presentValues } from './values.ts';

/** What a decision needs to know besides the person himself. */
export interface DecisionContext {
  /** Who else has or wants the login that the person shall have. */
  holders: readonly LoginHolder[];
  /**
   * What a second look by anchor, without scope, over all directories found of somebody absent from the read: `gone` =
   * nowhere; `unproved` = the look was not made or failed. Null for people who are in the read.
   */
  sighting: Sighting | 'gone' | 'unproved' | null;
  references: References;
  /** True for a person whose create is planned in this run. */
  coming(anchor: Anchor): boolean;
  leavers: Settings['leavers'];
  protect: Protection;
  drift: Drift;
  /**
   * True when directories, mapping or scope are not those under which the person was last seen in scope and active: he may
   * count as a leaver because of that alone.
   */
  configChanged: boolean;
  /** Genesys users, linked to nobody, who carry the person's anchor as an external id. */
  carriers: readonly ScimUser[];
  /** True when this run has listed every Genesys user, so that one not listed does not exist. */
  inventoryComplete: boolean;
}

/** What a run does about one person. */
export interface Decision {
  change: PlannedChange | null;
  /** What a report tells about him although nothing is done. */
  notes: Problem[];
  /** Paths whose value somebody changed in Genesys Cloud, where the drift policy is to report it. */
  drifted: string[];
}

const NOTHING: Decision = { change: null, notes: [], drifted: [] };

/** Decides what to do about one person. Protected people are left alone whatever the table says. */
export function decide(candidate: Candidate, context: DecisionContext): Decision {
  const decision = byTable(candidate, context);
  const actual = candidate.actual ?? context.carriers[0] ?? null;
  if (decision.change === null || !isProtected({ ...candidate, actual }, context.protect)) return decision;
  return {
    ...NOTHING,
    notes: [note('userName', `protected by target.protect: the ${decision.change.kind} is left out`)],
  };
}

/** The table of identity: the first row that holds decides. The anchor, never the login, says who somebody is. */
function byTable(candidate: Candidate, context: DecisionContext): Decision {
  const { desired, link, present } = candidate;
  if (desired === null && present) return invalid(candidate, context);
  if (desired === null) return link?.active ? absent(candidate, link, context) : NOTHING;
  if (link === null && context.carriers.length > 0) return known(candidate, desired, context);
  if (link === null) return desired.active ? newcomer(candidate, desired, context) : NOTHING;
  if (!link.active && !desired.active) return NOTHING;
  if (!desired.active) return disabled(candidate, link, desired.inactiveBecause, context);
  if (isDeleted(candidate, context)) return deleted(candidate);
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
 * Somebody without a link whose anchor a Genesys user carries: the state was lost, or another installation made him. An
 * inactive entry is linked as it stands; the next run deactivates him if need be, under the guard for that.
 */
function known(candidate: Candidate, desired: DesiredUser, context: DecisionContext): Decision {
  const [actual, ...others] = context.carriers;
  if (actual === undefined || others.length > 0) {
    const message = `${context.carriers.length} Genesys users carry this person's anchor as an external id; take it from all but one, then run retry-failed.`;
    return planned(candidate, 'adopt', 'known to Genesys Cloud more than once', {
      parked: { code: 'identity.ambiguous', message },
    });
  }
  const difference = diffUser(desired, { written: null, actual, drift: 'restore' }, context.references);
  const revival = actual.active ? [] : ACTIVATION;
  const differs = desired.active && difference.operations.length + revival.length > 0;
  return planned(candidate, 'adopt', 'known to Genesys Cloud by this anchor', {
    genesysId: actual.id,
    before: differs ? { ...difference.before, active: actual.active } : {},
    after: differs ? { ...difference.after, active: true } : {},
    operations: differs ? [...revival, ...difference.operations] : [],
    parked: differs && changesLogin(difference) ? takenBy(candidate, context) : null,
  });
}

function newcomer(candidate: Candidate, desired: DesiredUser, context: DecisionContext): Decision {
  const { values, unresolved } = ownedValues(desired, context.references, { createOnly: true });
  const details = { after: { ...values, active: true }, parked: takenBy(candidate, context) };
  const decision = planned(candidate, 'create', `new in ${candidate.directory}`, details);
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
    parked: changesLogin(difference) ? takenBy(candidate, context) : null,
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
  const decision = planned(candidate, 'update', updateReason(candidate, link, difference), {
    before: difference.before,
    after: difference.after,
    operations: difference.operations,
    parked: changesLogin(difference) ? takenBy(candidate, context) : null,
  });
  return { ...decision, ...observed };
}

function disabled(candidate: Candidate, link: Link, sign: string | null, context: DecisionContext): Decision {
  const because = sign === null ? '' : `: ${sign}`;
  const held = heldByPolicy('disabled', context);
  return leave(candidate, link, context, {
    reason: `disabled in ${candidate.directory}${because}`,
    held,
    absent: false,
  });
}

/** Only an absence that a second look proved makes a leaver. */
function absent(candidate: Candidate, link: Link, context: DecisionContext): Decision {
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
  const reason = `out of scope in ${sighting.directory}: the entry is now ${sighting.dn}`;
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
  if (isDeleted(candidate, context)) {
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

/** A user deleted in Genesys Cloud is not made anew in silence: somebody wanted him away. */
function deleted(candidate: Candidate): Decision {
  const message =
    'The user was deleted in Genesys Cloud; restore him there, or unlink the person so that a new user is created.';
  return planned(candidate, 'update', 'deleted in Genesys Cloud', { parked: { code: 'genesys.not-found', message } });
}

function isDeleted(candidate: Candidate, context: DecisionContext): boolean {
  return candidate.link !== null && candidate.actual === null && context.inventoryComplete;
}

/** Who stands in the way of the login, as the failure it makes; null when the login is free. */
function takenBy(candidate: Candidate, context: DecisionContext): PlannedChange['parked'] {
  const others = context.holders.filter(
    ({ anchor, genesysId }) =>
      anchor !== candidate.anchor && (genesysId === null || genesysId !== candidate.link?.genesysId),
  );
  // Whoever has the login explains more than whoever only wants it too.
  const holder = others.find(({ via }) => via !== 'desired') ?? others[0];
  return holder === undefined ? null : { code: 'identity.login-taken', message: loginTaken(holder) };
}

function changesLogin(difference: Difference): boolean {
  return Object.keys(difference.after).some((path) => path.toLowerCase() === 'username');
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

function heldByPolicy(policy: keyof Settings['leavers'], context: DecisionContext): string | null {
  return context.leavers[policy] === 'hold' ? `leavers.${policy} is set to hold` : null;
}

function waitingNotes(desired: DesiredUser, unresolved: readonly Anchor[], context: DecisionContext): Problem[] {
  return desired.attributes
    .filter(({ reference }) => reference !== null && unresolved.includes(reference) && !context.coming(reference))
    .map(({ path }) => note(nameOf(path), 'points to somebody without a Genesys Cloud user; a later run sets it'));
}

function note(attribute: string, problem: string): Problem {
  return { attribute, problem };
}

function noted(problem: string): Decision {
  return { ...NOTHING, notes: [note('active', problem)] };
}

function planned(candidate: Candidate, kind: ChangeKind, reason: string, details: Partial<PlannedChange>): Decision {
  const { anchor, directory, dn, desired, link } = candidate;
  const change: PlannedChange = {
    anchor,
    kind,
    genesysId: link?.genesysId ?? null,
    directory,
    dn,
    userName: desired?.userName ?? link?.userName ?? '',
    displayName: desired?.displayName ?? link?.displayName ?? '',
    reason,
    before: null,
    after: null,
    desired,
    operations: null,
    absent: false,
    heldBecause: null,
    parked: null,
    ...details,
  };
  return { change, notes: [], drifted: [] };
}
