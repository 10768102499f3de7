import type { Candidate } from '../model/candidate.ts';
import type { Match, Oddity } from '../model/change.ts';
import { GENESYS_USER, parsePath } from '../model/scim-path.ts';
import type { DesiredUser, ScimUser } from '../model/user.ts';
import { isObject } from './compare.ts';
import { planned } from './decision.ts';
import type { Decision, DecisionContext, TiedUser } from './decision.ts';
import { changesLogin, diffUser } from './diff.ts';
import { comparedToUser } from './person-key.ts';
import { activated } from './requests.ts';
import { adoptionHeld, listing, nameOf, unmanaged } from './sentences.ts';
import { wayToLogin } from './way-to-login.ts';

/**
 * Somebody without a link whose anchor a Genesys user carries: the state was lost, or another installation made him. An
 * inactive entry is linked as it stands; the next run deactivates him if need be, under the guard for that.
 */
export function knownByAnchor(candidate: Candidate, desired: DesiredUser, context: DecisionContext): Decision {
  const [actual, ...others] = context.carriers;
  if (actual === undefined || others.length > 0) return ambiguous(candidate, context.carriers.length, 'anchor');
  return adopt(candidate, desired, actual, context, known('anchor', { actual, odd: null }, context));
}

/** The same by the external id that the person shall have, where that is not the anchor. */
export function knownByExternalId(candidate: Candidate, desired: DesiredUser, context: DecisionContext): Decision {
  const [actual, ...others] = context.namesakes;
  if (actual === undefined || others.length > 0) return ambiguous(candidate, context.namesakes.length, 'external id');
  const odd = doubtAbout(actual, desired, context);
  return adopt(candidate, desired, actual, context, known('external id', { actual, odd }, context));
}

/** A Genesys user whom nobody manages has the login: he is taken over, after a person has looked at whatever is odd. */
export function knownByLogin(
  candidate: Candidate,
  desired: DesiredUser,
  actual: ScimUser,
  context: DecisionContext,
): Decision {
  const odd = doubtAbout(actual, desired, context);
  const found = known('login', { actual, odd }, context);
  const { personKey } = context.identity;
  const isSame = comparedToUser(desired, actual, personKey) === 'equal';
  const reason = `${found.reason}: ${unmanaged(actual)}${isSame ? `, has the same ${listing(personKey.map(nameOf))}` : ''}`;
  return adopt(candidate, desired, actual, context, { ...found, reason });
}

/** Somebody has looked already, and said who it is: nothing about the user is odd any more. */
export function tiedByHand(
  candidate: Candidate,
  desired: DesiredUser,
  { user, reason }: TiedUser,
  context: DecisionContext,
): Decision {
  return adopt(candidate, desired, user, context, { by: 'hand', reason: `linked by hand: ${reason}`, doubt: null });
}

/** Something odd about a user, and the same as the end of a sentence about him. */
interface Doubt {
  oddity: Oddity;
  why: string;
}

/** How a user was found, and whether a person has to look at him first. */
interface Finding {
  by: Match['by'];
  reason: string;
  doubt: Doubt | null;
}

const REVIVED: Doubt = { oddity: 'revived', why: 'was deleted until a create with his login brought him back' };

function known(
  by: Match['by'],
  { actual, odd }: { actual: ScimUser; odd: Doubt | null },
  context: DecisionContext,
): Finding {
  // He carries this person's anchor because the create that brought him back wrote it.
  const doubt = context.revived.has(actual.id) ? REVIVED : odd;
  return { by, reason: `known to Genesys Cloud by this ${by}`, doubt };
}

function adopt(
  candidate: Candidate,
  desired: DesiredUser,
  actual: ScimUser,
  context: DecisionContext,
  { by, reason, doubt }: Finding,
): Decision {
  const difference = diffUser(desired, { written: null, actual, drift: 'restore' }, context.references);
  const revived = actual.active ? difference : activated(difference, false);
  const differs = desired.active && revived.operations.length > 0;
  return planned(candidate, 'adopt', reason, {
    genesysId: actual.id,
    before: differs ? revived.before : {},
    after: differs ? revived.after : {},
    operations: differs ? revived.operations : [],
    match: { by, oddity: doubt?.oddity ?? null },
    heldBecause: doubt === null ? null : adoptionHeld(actual, doubt.why),
    ...(differs && changesLogin(difference) ? wayToLogin(candidate, context, reason) : {}),
  });
}

function ambiguous(candidate: Candidate, count: number, by: 'anchor' | 'external id'): Decision {
  const carried = by === 'anchor' ? 'anchor as an external id' : 'external id';
  const message = `${count} Genesys users carry this person's ${carried}; take it from all but one, then run retry-failed.`;
  return planned(candidate, 'adopt', 'known to Genesys Cloud more than once', {
    match: { by, oddity: 'ambiguous' },
    parked: { code: 'identity.ambiguous', message },
  });
}

/** Whether a user whom nobody manages may be taken over by his login without a person's word. */
export function isPlainlyHis(
  actual: ScimUser,
  desired: DesiredUser,
  context: Pick<DecisionContext, 'identity'>,
): boolean {
  return doubtAbout(actual, desired, context) === null;
}

/** Why a person has to look before a user who does not carry the anchor is taken over; null when nothing is odd. */
function doubtAbout(actual: ScimUser, desired: DesiredUser, context: Pick<DecisionContext, 'identity'>): Doubt | null {
  const foreign = foreignIds(actual, desired);
  if (foreign.anchor) return { oddity: 'other anchor', why: "carries another entry's anchor" };
  if (!actual.active) return { oddity: 'inactive', why: 'is inactive' };
  const { personKey } = context.identity;
  if (comparedToUser(desired, actual, personKey) === 'differs') {
    return { oddity: 'other person', why: `has another ${listing(personKey.map(nameOf))}` };
  }
  const why = 'carries an external id that another system gave him';
  return foreign.other ? { oddity: 'other provisioner', why } : null;
}

/** `anchor`: a value of an authority under which this mapping writes; `other`: anything else that names him to others. */
function foreignIds(actual: ScimUser, desired: DesiredUser): { anchor: boolean; other: boolean } {
  const wanted = wantedIds(desired);
  const extension = actual[GENESYS_USER];
  const listed = isObject(extension) ? extension['externalIds'] : undefined;
  const ids = (Array.isArray(listed) ? listed : []).filter(isObject);
  const foreign = ids.flatMap(({ authority, value }) => {
    const name = typeof authority === 'string' ? authority : '';
    // The service shows the SCIM external id once more, under an authority of its own.
    const own = wanted.get(name) ?? (isMirror(name) ? (actual.externalId ?? wanted.get('')) : undefined);
    return value === own ? [] : [name];
  });
  const renamed = actual.externalId !== undefined && actual.externalId !== wanted.get('');
  return { anchor: foreign.some((name) => wanted.has(name)), other: foreign.length > 0 || renamed };
}

function isMirror(authority: string): boolean {
  return authority.startsWith('x-pc:scimv2:v1');
}

/** The external ids that the person shall have, by authority; the SCIM external id under the empty one. */
function wantedIds(desired: DesiredUser): Map<string, unknown> {
  const ids = new Map<string, unknown>();
  for (const { path: text, value } of desired.attributes) {
    const path = parsePath(text);
    const name = path?.attribute.toLowerCase();
    if (name === 'externalid') ids.set('', value);
    if (name !== 'externalids' || path?.selector?.attribute !== 'authority') continue;
    ids.set(String(path.selector.value), isObject(value) ? value['value'] : value);
  }
  return ids;
}
