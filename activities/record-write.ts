import type { ChangeKind } from '../model/change.ts';
import type { DesiredUser, Link, ScimUser, WrittenValues } from '../model/user.ts';
import { writtenAsShown } from '../planning/deleted.ts';
import { diffUser } from '../planning/diff.ts';
import type { References } from '../planning/references.ts';
import { writtenAfter } from '../planning/requests.ts';
import { hashDesired } from '../state/hash.ts';
import type { AppliedResult } from '../state/state.ts';
import type { PreparedWrite } from './prepared-write.ts';
import { lostClaim, type Attempt, type WriteResult } from './write-attempt.ts';

/**
 * One transaction, conditional on the claim's token: the link as it is now, the audit trail, the change's status.
 *
 * @param options.asSent false for a user of ours who was found instead of written: he is linked as he stands, and the next
 *   full run brings him to where he shall be
 */
export async function recordWrite(
  attempt: Attempt,
  token: string,
  prepared: PreparedWrite,
  answer: { user: ScimUser; correlationId: string | null },
  options: { asSent: boolean } = { asSent: true },
): Promise<WriteResult> {
  const { state } = attempt.dependencies;
  const { correlationId } = answer;
  const result = resultOf(attempt, prepared, answer, options);
  const retires = attempt.row.change.kind === 'recycle' && attempt.row.step === '';
  const stored = await state.changes[retires ? 'stepDone' : 'applied'](attempt.input, token, result);
  return stored ? { outcome: 'applied', correlationId } : lostClaim(attempt);
}

/** What state takes down about a write that was carried out. */
export function resultOf(
  attempt: Attempt,
  prepared: PreparedWrite,
  answer: { user: ScimUser; correlationId: string | null },
  { asSent }: { asSent: boolean },
): AppliedResult {
  const { change, step } = attempt.row;
  const { kind, reason, predecessor } = change;
  const retires = kind === 'recycle' && step === '';
  const link = asSent ? linkAfter(attempt, prepared, answer.user) : asFound(attempt, prepared, answer.user);
  return {
    link,
    origin: originOf(kind, prepared),
    ...valuesOf(prepared, answer.user),
    reason: retires
      ? `retired, since another person gets the login: ${reason}`
      : takesOver(kind, prepared)
        ? `${reason}; a Genesys Cloud user whom nobody managed had the login and is taken over`
        : reason,
    actor: attempt.input.actor,
    request: prepared.request,
    correlationId: answer.correlationId,
    requests: { token: 0, read: 0, write: 0, throttled: 0 },
    ...(kind === 'rebind' && predecessor !== undefined ? { movedFrom: predecessor.anchor } : {}),
    ...(prepared.former === undefined ? {} : { inPlaceOf: prepared.former.genesysId }),
    ...(retires && predecessor?.alone ? { ends: true } : {}),
    // The first part of a swap of logins gives a temporary one; an account brought back may not be as asked for.
    ...(change.part === 0 || (isBack(prepared, answer.user) && link.writtenHash === '') ? { unsettled: true } : {}),
  };
}

/** A create that met somebody whom nobody managed, and went on with him. */
function takesOver(kind: ChangeKind, { request }: PreparedWrite): boolean {
  return kind === 'create' && request.method === 'PATCH';
}

function originOf(kind: ChangeKind, prepared: PreparedWrite): AppliedResult['origin'] {
  if (kind === 'adopt' || takesOver(kind, prepared)) return 'adopted';
  return kind === 'create' || kind === 'recycle' ? 'created' : null;
}

/** Whoever takes the place of a deleted user is told from him by his id. */
function valuesOf({ before, after, former }: PreparedWrite, { id }: ScimUser): Pick<AppliedResult, 'before' | 'after'> {
  if (former === undefined) return { before, after };
  return { before: { ...before, id: former.genesysId }, after: { ...after, id } };
}

function linkAfter(attempt: Attempt, prepared: PreparedWrite, user: ScimUser): Link {
  const { change, step } = attempt.row;
  const { desired } = change;
  const { link } = prepared;
  if (link !== null && change.kind === 'deactivate') {
    return { ...link, active: false, version: user.meta?.version ?? null };
  }
  if (link !== null && change.kind === 'recycle' && step === '') {
    return retiredLink(link, prepared, user);
  }
  if (desired === null) throw new Error(`a ${change.kind} without a desired user`);
  const unresolved = desired.attributes.flatMap(({ reference }) =>
    reference !== null && prepared.references.idOf(reference) === null ? [reference] : [],
  );
  const written = writtenAfter(desired, prepared.link?.written ?? null, prepared.references, prepared.after);
  const after: Link = {
    anchor: change.anchor,
    genesysId: user.id,
    directory: change.directory,
    dn: change.dn,
    userName: desired.userName,
    displayName: desired.displayName,
    // Who is adopted while his entry is disabled is linked as he stands.
    active: change.kind === 'adopt' ? user.active : true,
    written,
    writtenHash: hashDesired(desired, new Set(unresolved)),
    version: versionInStep(desired, written, user, prepared.references),
    seenUnder: attempt.dependencies.settings.hash,
    ...(desired.suffix === undefined ? {} : { suffix: desired.suffix }),
  };
  return isBack(prepared, user) ? broughtBack(after, desired, prepared, user) : after;
}

/** Whether a create brought the person's own deleted account back. */
function isBack({ former }: PreparedWrite, { id }: Pick<ScimUser, 'id'>): boolean {
  return former?.genesysId === id;
}

/** Such an account may keep old values, and lack new ones; what differs is left to the runs to come. */
function broughtBack(link: Link, desired: DesiredUser, { former, references }: PreparedWrite, user: ScimUser): Link {
  const written = writtenAsShown(desired, former?.written ?? {}, references, user);
  const { operations } = diffUser(desired, { written, actual: user, drift: 'restore' }, references);
  return operations.length === 0 ? { ...link, written } : { ...link, written, writtenHash: '', version: null };
}

/** Only what retires him was written: should his entry ever come back, everything is compared. */
function retiredLink(link: Link, { after }: PreparedWrite, user: ScimUser): Link {
  const values = Object.entries({ ...link.written, ...after }).filter(([path]) => path !== 'active');
  const written = Object.fromEntries(
    values.flatMap(([path, value]) => (value === null ? [] : [[path, value] as const])),
  );
  return { ...link, userName: user.userName, active: false, written, writtenHash: '', version: null };
}

/** Nothing counts as written, so that every owned value that differs is a change to the runs to come. */
function asFound(attempt: Attempt, prepared: PreparedWrite, user: ScimUser): Link {
  const link = linkAfter(attempt, prepared, user);
  return { ...link, active: user.active, written: {}, writtenHash: '', version: null };
}

/**
 * The version of a user who is as he shall be. None while somebody else's change of an owned value stands beside ours:
 * the version would hide it from the runs to come, which report it or put it back.
 */
function versionInStep(
  desired: DesiredUser,
  written: WrittenValues,
  user: ScimUser,
  references: References,
): string | null {
  const { operations } = diffUser(desired, { written, actual: user, drift: 'restore' }, references);
  return user.active && operations.length === 0 ? (user.meta?.version ?? null) : null;
}
