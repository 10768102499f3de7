import type { Candidate } from '../model/candidate.ts';
import type { DesiredUser } from '../model/user.ts';
import type { DecisionContext } from './decision.ts';
import { standingOf } from './login-holder.ts';
import { loginParts } from './login-parts.ts';

/** Numbers that may stand behind a login. */
const NUMBERS = Array.from({ length: 10 }, (_, index) => index + 1);
/** Longest local part of an address (RFC 5321, 4.5.3.1.1). */
const LOCAL_PART = 64;

/** A user with another login; every other value stays. */
export function withLogin(desired: DesiredUser, userName: string): DesiredUser {
  const attributes = desired.attributes.map((one) =>
    one.path.toLowerCase() === 'username' ? { ...one, value: userName } : one,
  );
  return { ...desired, userName, attributes };
}

/** A user as mapped, with the number behind his login that he was once given; it is never taken away again. */
export function withSuffix(desired: DesiredUser, suffix: number): DesiredUser {
  return { ...withLogin(desired, numbered(mappedLogin(desired), suffix)), suffix };
}

/** Every numbered login that a person may get, the lowest number first; those that would be too long are left out. */
export function suffixedLogins(desired: DesiredUser): string[] {
  return choices(desired).map(({ login }) => login);
}

/**
 * Gives a person a numbered login when somebody who stays has, or comes first with, the one that he shall newly get and
 * `identity.onTakenLogin` says so. Everybody else, and whoever finds no free number, is left as he is.
 */
export function numberedWhereTaken(candidate: Candidate, context: DecisionContext): Candidate {
  const { desired, link } = candidate;
  if (context.identity.onTakenLogin !== 'suffix' || desired?.active !== true) return candidate;
  const present = link?.userName ?? context.carriers[0]?.userName;
  if (present?.toLowerCase() === desired.userName.toLowerCase()) return candidate;
  const ofLogin = context.holders.filter(({ via }) => via !== 'external id');
  if (standingOf(candidate, { ...context, holders: ofLogin }).row !== 'kept') return candidate;
  const choice = choices(desired).find(({ login }) => !context.isTaken(login));
  return choice === undefined ? candidate : { ...candidate, desired: withSuffix(desired, choice.number) };
}

function choices(desired: DesiredUser): { number: number; login: string }[] {
  const login = mappedLogin(desired);
  return NUMBERS.map((number) => ({ number, login: numbered(login, number) })).filter(
    ({ login: choice }) => loginParts(choice).domain === '' || loginParts(choice).local.length <= LOCAL_PART,
  );
}

function numbered(login: string, number: number): string {
  const { local, domain } = loginParts(login);
  return `${local}_${number}${domain}`;
}

/** The login without the number behind it. */
function mappedLogin({ userName, suffix }: DesiredUser): string {
  if (suffix === undefined) return userName;
  const { local, domain } = loginParts(userName);
  return local.slice(0, -`_${suffix}`.length) + domain;
}
