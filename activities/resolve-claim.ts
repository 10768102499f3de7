import { GenesysError, LaterError } from '../model/errors.ts';
import { patchBody } from '../planning/requests.ts';
import { unsatisfied } from '../planning/satisfied.ts';
import type { PatchOperation } from '../model/user.ts';
import { findCreated } from './find-created.ts';
import { referencesOf, type PreparedWrite } from './prepare-write.ts';
import { recordWrite } from './record-write.ts';
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
  const links = await attempt.dependencies.state.links.byAnchor(attempt.row.sync, [attempt.row.change.anchor]);
  const { before, after, anchor } = attempt.row.change;
  const prepared: PreparedWrite = {
    request: claim.request,
    before,
    after,
    link: links.get(anchor) ?? null,
    references,
    version: null,
  };
  return claim.request.method === 'POST'
    ? resolvePost(attempt, claim.token, claim.at, prepared)
    : resolvePatch(attempt, claim.token, prepared);
}

async function resolvePatch(attempt: Attempt, token: string, prepared: PreparedWrite): Promise<Resolved> {
  const { request } = prepared;
  const found = await attempt.dependencies.genesys.get(request.genesysId ?? '', attempt.call);
  if (found === null) {
    const message = 'The user was deleted in Genesys Cloud; restore him there, then run retry-failed.';
    return { ended: await parkWrite(attempt, token, new GenesysError('genesys.not-found', message, { status: 404 })) };
  }
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
  const found = await findCreated(attempt, prepared.request, { loginAlone: true });
  if (found.state === 'ours') {
    return { ended: await recordWrite(attempt, token, prepared, { user: found.user, correlationId: null }) };
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
