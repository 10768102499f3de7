import { GenesysError, LaterError } from '../model/errors.ts';
import { makesAnew } from '../planning/deleted.ts';
import { patchBody } from '../planning/requests.ts';
import { unsatisfied } from '../planning/satisfied.ts';
import type { PatchOperation } from '../model/user.ts';
import { findCreated } from './find-created.ts';
import { endDeleted, linkOfPredecessor, referencesOf, type PreparedWrite } from './prepared-write.ts';
import { recordWrite } from './record-write.ts';
import { restored } from './restored.ts';
import { parkIfRevived } from './revived.ts';
import { lostClaim, parkWrite, type Attempt, type WriteResult } from './write-attempt.ts';

/** `resend`: the request was surely not carried out, or only in part; this is what is left to send. */
export type Resolved = { ended: WriteResult } | { resend: PreparedWrite };

/**
 * Finds out what became of a claim whose attempt never told: a PATCH by reading the user and comparing, a POST by
 * looking for the user it would have made, twice with the index lag between, since new users show up late in filters.
 */
export async function resolveClaim(attempt: Attempt): Promise<Resolved> {
  const { claim } = attempt.row;
  if (claim === null) return { ended: await lostClaim(attempt) };
  const references = await referencesOf(attempt);
  const { request } = claim;
  const prepared: PreparedWrite = { request, ...(await claimed(attempt)), references, version: null };
  return claim.request.method === 'POST'
    ? resolvePost(attempt, claim.token, claim.at, prepared)
    : resolvePatch(attempt, claim.token, prepared);
}

/** What the claimed request does, and the link of the user to whom it was sent, or whose place he takes. */
async function claimed(attempt: Attempt): Promise<Pick<PreparedWrite, 'before' | 'after' | 'link' | 'former'>> {
  const { change, step, sync } = attempt.row;
  const { kind, anchor, before, after, predecessor } = change;
  if (kind === 'recycle' && step === '') {
    const { before: was = null, after: becomes = null } = predecessor?.retirement ?? {};
    return { before: was, after: becomes, link: await linkOfPredecessor(attempt) };
  }
  if (kind === 'rebind') return { before, after, link: await linkOfPredecessor(attempt) };
  const link = (await attempt.dependencies.state.links.byAnchor(sync, [anchor])).get(anchor);
  if (link !== undefined && (makesAnew(change) || kind === 'adopt')) return { before, after, link: null, former: link };
  return { before, after, link: link ?? null };
}

async function resolvePatch(attempt: Attempt, token: string, prepared: PreparedWrite): Promise<Resolved> {
  const { request } = prepared;
  const found = await attempt.dependencies.genesys.get(request.genesysId ?? '', attempt.call);
  if (found === null) return { ended: await endDeleted(attempt, token) };
  const { Operations } = request.body as { Operations: PatchOperation[] };
  const left = unsatisfied(Operations, found.user);
  if (left.length === 0) return { ended: await recordWrite(attempt, token, prepared, found) };
  return { resend: { ...prepared, request: { ...request, body: patchBody(left) } } };
}

async function resolvePost(
  attempt: Attempt,
  token: string,
  claimedAt: string,
  prepared: PreparedWrite,
): Promise<Resolved> {
  const back = await restored(attempt, prepared.former);
  if (back !== null) {
    return { ended: await recordWrite(attempt, token, prepared, { user: back, correlationId: null }) };
  }
  const found = await findCreated(attempt, prepared, { loginAlone: true });
  if (found.state === 'ours') {
    const answer = { user: found.user, correlationId: null };
    const revived = await parkIfRevived(attempt, token, prepared, answer);
    return { ended: revived ?? (await recordWrite(attempt, token, prepared, answer)) };
  }
  if (found.state === 'foreign') {
    const message = 'Another Genesys user has this login; free it there or correct the entry, then run retry-failed.';
    return { ended: await parkWrite(attempt, token, new GenesysError('identity.login-taken', message)) };
  }
  const { indexLagMs } = attempt.dependencies.settings.target;
  const waitMs = Date.parse(claimedAt) + indexLagMs - Date.now();
  if (waitMs > 0) {
    throw new LaterError(
      'It is not known yet whether the user was created; looking again after the index lag.',
      waitMs,
    );
  }
  return { resend: prepared };
}
