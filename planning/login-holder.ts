import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { Link, ScimUser } from '../model/user.ts';
import type { Absence, DecisionContext } from './decision.ts';

/** Somebody linked who has the login. */
export type Predecessor = LoginHolder & { link: Link };

/** How a person stands to the login that he shall have, as the rows of the table of holders know it. */
export type Standing =
  | { row: 'free' }
  /** Somebody keeps it, or wants it as well. */
  | { row: 'kept'; holder: LoginHolder }
  /** Who has it is to get another one in this plan. */
  | { row: 'leaving'; holder: Predecessor }
  /** Who has it is there no more as far as can be seen, which could not be proved. */
  | { row: 'unproved'; holder: LoginHolder }
  /** Who has it is disabled or out of scope. */
  | { row: 'handed-over'; holder: Predecessor; because: string }
  /** The anchor of who has it is in no directory. */
  | { row: 'gone'; holder: Predecessor }
  /** A Genesys user whom Rollcall does not manage has it. */
  | { row: 'unlinked'; holder: LoginHolder; user: ScimUser };

/** Whatever stands most in the way decides. */
const BY_WEIGHT: readonly Standing['row'][] = ['kept', 'unproved', 'handed-over', 'gone', 'unlinked', 'leaving'];

/** Who stands between a person and the login that he shall have. */
export function standingOf(candidate: Candidate, context: DecisionContext): Standing {
  const standings = standingsOf(candidate, context);
  for (const row of BY_WEIGHT) {
    const first = standings.find((one) => one.row === row);
    if (first !== undefined) return first;
  }
  return { row: 'free' };
}

/** Linked people who are gone and had the login, whoever else wants it now. */
export function goneHolders(candidate: Candidate, context: DecisionContext): Predecessor[] {
  return standingsOf(candidate, context).flatMap((one) => (one.row === 'gone' ? [one.holder] : []));
}

function standingsOf(candidate: Candidate, context: DecisionContext): Standing[] {
  const own = candidate.link?.genesysId ?? context.carriers[0]?.id ?? null;
  const others = context.holders.filter(
    ({ anchor, genesysId }) => anchor !== candidate.anchor && (genesysId === null || genesysId !== own),
  );
  const found = others.map((holder) => standing(holder, candidate, context)).filter(({ row }) => row !== 'free');
  // Whoever has the login explains more than whoever only wants it too.
  return [...found.filter((one) => !isWanting(one)), ...found.filter(isWanting)];
}

/**
 * The same of somebody new, for whom the external id that he shall get has to be free as well. Whoever has that id stands in
 * his way where the login is free or the same user's; where the two belong to different people neither is taken from anybody.
 */
export function standingOfNewcomer(candidate: Candidate, context: DecisionContext): Standing {
  const isOfId = ({ via }: LoginHolder): boolean => via === 'external id';
  const holders = context.holders.filter((one) => !isOfId(one));
  const login = standingOf(candidate, { ...context, holders });
  const id = standingOf(candidate, { ...context, holders: context.holders.filter(isOfId) });
  if (id.row === 'free') return login;
  if (login.row === 'free') return id;
  const isSame = login.holder.genesysId !== null && login.holder.genesysId === id.holder.genesysId;
  const givesBoth = login.row !== 'leaving' || id.row === 'leaving';
  return isSame && givesBoth ? login : { row: 'kept', holder: id.holder };
}

function isWanting(one: Standing): boolean {
  return one.row !== 'free' && one.holder.via === 'desired';
}

function standing(holder: LoginHolder, candidate: Candidate, context: DecisionContext): Standing {
  const { link, user } = holder;
  if (holder.via === 'desired') {
    const yields = context.identity.onTakenLogin === 'suffix' && !comesBefore(holder, candidate);
    return yields ? { row: 'free' } : { row: 'kept', holder };
  }
  if (link === null) return user === null ? { row: 'kept', holder } : { row: 'unlinked', holder, user };
  const predecessor: Predecessor = { ...holder, link };
  // Who gets another login keeps his external id, unless he is retired.
  if (holder.entry === 'leaves' && (holder.via === 'link' || holder.retires)) {
    return { row: 'leaving', holder: predecessor };
  }
  if (holder.entry === 'disabled') return { row: 'handed-over', holder: predecessor, because: 'is disabled' };
  if (holder.entry === 'absent') return byAbsence(predecessor, context.sightingOf(link.anchor));
  return { row: 'kept', holder };
}

/** Only an absence that a second look proved makes a login free for somebody else. */
function byAbsence(holder: Predecessor, absence: Absence): Standing {
  if (absence === 'gone') return { row: 'gone', holder };
  if (absence === 'unproved') return { row: 'unproved', holder };
  if (absence.inScope) return { row: 'kept', holder };
  return { row: 'handed-over', holder, because: `is out of scope in ${absence.directory} (now ${absence.dn})` };
}

/** Of several who want one login: who works here already comes before newcomers, then the lower anchor. */
function comesBefore(holder: LoginHolder, candidate: Candidate): boolean {
  const rank = holder.genesysId === null ? 1 : 0;
  const own = candidate.link === null ? 1 : 0;
  return rank === own ? (holder.anchor ?? '') < candidate.anchor : rank < own;
}
