import type { DesiredUser, Link, ScimUser, WrittenValues } from '../model/user.ts';
import { diffUser } from '../planning/diff.ts';
import type { References } from '../planning/references.ts';
import { writtenAfter } from '../planning/requests.ts';
import { hashDesired } from '../state/hash.ts';
import type { PreparedWrite } from './prepare-write.ts';
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
  const { change } = attempt.row;
  const { correlationId } = answer;
  const stored = await state.changes.applied(attempt.input, token, {
    link: options.asSent ? linkAfter(attempt, prepared, answer.user) : asFound(attempt, prepared, answer.user),
    origin: change.kind === 'create' ? 'created' : change.kind === 'adopt' ? 'adopted' : null,
    before: prepared.before,
    after: prepared.after,
    reason: change.reason,
    actor: attempt.input.actor,
    request: prepared.request,
    correlationId,
    requests: { token: 0, read: 0, write: 0, throttled: 0 },
  });
  return stored ? { outcome: 'applied', correlationId } : lostClaim(attempt);
}

function linkAfter(attempt: Attempt, prepared: PreparedWrite, user: ScimUser): Link {
  const { change } = attempt.row;
  const { desired } = change;
  if (change.kind === 'deactivate' && prepared.link !== null) {
    return { ...prepared.link, active: false, version: user.meta?.version ?? null };
  }
  if (desired === null) throw new Error(`a ${change.kind} without a desired user`);
  const unresolved = desired.attributes.flatMap(({ reference }) =>
    reference !== null && prepared.references.idOf(reference) === null ? [reference] : [],
  );
  const written = writtenAfter(desired, prepared.link?.written ?? null, prepared.references);
  return {
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
  };
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
