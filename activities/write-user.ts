import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { GenesysError, StateError } from '../model/errors.ts';
import { isOnOnePerson } from '../model/run.ts';
import type { Link, ScimUser } from '../model/user.ts';
import { isProtected } from '../planning/protect.ts';
import { conflictWith, loginProtected } from '../planning/sentences.ts';
import type { Dependencies } from './dependencies.ts';
import { findCreated } from './find-created.ts';
import { isOfAnotherActivity, waitForAnswer } from './in-flight.ts';
import { prepareWrite } from './prepare-write.ts';
import { endDeleted, supersede, type PreparedWrite } from './prepared-write.ts';
import { recordWrite } from './record-write.ts';
import { resolveClaim } from './resolve-claim.ts';
import { restored, RESTORED } from './restored.ts';
import { parkIfRevived } from './revived.ts';
import { runUnderWay } from './run-under-way.ts';
import { takeOver } from './take-over.ts';
import {
  claimWrite,
  lostClaim,
  parkWrite,
  recorded,
  type Attempt,
  type WriteInput,
  type WriteResult,
} from './write-attempt.ts';

/** Answers after which the request was surely not carried out, and will not be by trying again. */
const DEFINITE = new Set(['genesys.forbidden', 'genesys.invalid', 'genesys.not-found']);
/** How often a version clash is answered by a fresh look before the attempt ends. */
const FRESH_LOOKS = 3;

/**
 * The write protocol, for every kind that one request carries out. At least once, with a look before any repeat:
 * a change that has ended answers with its recorded outcome; a claim without outcome is resolved by looking at Genesys
 * first; else pace, claim, send, and one transaction conditional on the claim's token.
 */
export async function writeUser(dependencies: Dependencies, input: WriteInput): Promise<WriteResult> {
  const { genesys, state } = dependencies;
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const row = await state.changes.get(input.runId, input.seq);
  if (row === null) throw new Error(`change ${input.seq} of run ${input.runId} does not exist`);
  if (row.status !== 'planned' && row.status !== 'writing') return recorded(row);
  const { mode } = await runUnderWay(dependencies, input.runId);
  const attempt: Attempt = { dependencies, input, row, call: { requests, urgent: isOnOnePerson(mode) } };
  try {
    if (row.status === 'writing') {
      if (isOfAnotherActivity(row)) waitForAnswer(row);
      const resolved = await resolveClaim(attempt);
      return 'resend' in resolved ? await resend(attempt, resolved.resend) : resolved.ended;
    }
    await genesys.authenticate(attempt.call);
    const prepared = await prepareWrite(attempt);
    return 'ended' in prepared ? prepared.ended : await claimAndSend(attempt, prepared);
  } finally {
    await state.runs.addRequests(input.runId, requests);
  }
}

/** Claims the change and sends its request; a version clash is answered by a fresh look and a fresh difference. */
async function claimAndSend(attempt: Attempt, first: PreparedWrite): Promise<WriteResult> {
  const { genesys } = attempt.dependencies;
  let prepared = first;
  for (let looks = 0; ; looks += 1) {
    await genesys.admit(attempt.call);
    // A cancelled run starts nobody any more; from the claim on the user is finished, whatever happens to the run.
    Context.current().cancellationSignal.throwIfAborted();
    const token = randomUUID();
    const claimed = await claimWrite(attempt, token, prepared.request);
    if (claimed !== 'claimed') return lostClaim(attempt);
    try {
      return await sendClaimed(attempt, token, prepared);
    } catch (error) {
      if (!isStale(error) || looks >= FRESH_LOOKS) throw error;
      const again = await prepareWrite(attempt, { fresh: true });
      if ('ended' in again) return again.ended;
      prepared = again;
    }
  }
}

/** Repeats a request that was surely not carried out, under a token of this attempt. */
async function resend(attempt: Attempt, prepared: PreparedWrite): Promise<WriteResult> {
  const { genesys, state } = attempt.dependencies;
  await genesys.admit(attempt.call);
  const token = randomUUID();
  const old = attempt.row.claim?.token ?? '';
  const mine = await state.changes.takeOver(attempt.input, old, { token, request: prepared.request });
  return mine ? sendClaimed(attempt, token, prepared) : lostClaim(attempt);
}

/** Sends the request of a held claim. A definite refusal clears the claim; an unknown outcome leaves it to be resolved. */
async function sendClaimed(attempt: Attempt, token: string, prepared: PreparedWrite): Promise<WriteResult> {
  const { genesys, state } = attempt.dependencies;
  try {
    const { method, genesysId, body } = prepared.request;
    if (method === 'PATCH') {
      const patched = await genesys.patch(genesysId ?? '', body, attempt.call, versionOf(prepared));
      return await recordWrite(attempt, token, prepared, patched);
    }
    const created = await genesys.create(body, attempt.call);
    const revived = await parkIfRevived(attempt, token, prepared, created);
    return revived ?? (await recordWrite(attempt, token, prepared, created));
  } catch (error) {
    // The user belongs to somebody else's link: this person's problem, not the run's.
    if (error instanceof StateError && error.code === 'identity.login-taken') return parkWrite(attempt, token, error);
    if (!(error instanceof GenesysError)) throw error;
    if (error.code === 'genesys.conflict') return await settleConflict(attempt, token, prepared, error);
    if (error.code === 'genesys.not-found' && prepared.request.method === 'PATCH') {
      return await endDeleted(attempt, token, error.correlationId);
    }
    if (DEFINITE.has(error.code)) return await parkWrite(attempt, token, error);
    if (!error.unknownOutcome) await state.changes.unclaim(attempt.input, token);
    throw error;
  }
}

/**
 * A login or external id is taken: by this very person (a create whose answer was lost), by a user whom nobody manages and
 * who is taken over, or by somebody else.
 */
async function settleConflict(
  attempt: Attempt,
  token: string,
  prepared: PreparedWrite,
  error: GenesysError,
): Promise<WriteResult> {
  // Nothing was carried out: he is not back because of this create.
  if ((await restored(attempt, prepared.former)) !== null) return supersede(attempt, RESTORED, token);
  const found = await findCreated(attempt, prepared, { loginAlone: false });
  const { row, dependencies } = attempt;
  const holder = found.state === 'ours' ? await dependencies.state.links.byGenesysId(row.sync, found.user.id) : null;
  // An external id that is given again, such as an account name, may be the one of somebody who is linked.
  const isHis = holder === null || holder.anchor === row.change.anchor;
  if (found.state === 'ours' && isHis) {
    const answer = { user: found.user, correlationId: error.correlationId };
    const revived = await parkIfRevived(attempt, token, prepared, answer);
    return revived ?? recordWrite(attempt, token, prepared, answer, { asSent: false });
  }
  const { correlationId, status } = error;
  const user = found.state === 'none' ? null : found.user;
  const link = user === null ? null : await dependencies.state.links.byGenesysId(row.sync, user.id);
  if (user !== null && row.change.kind === 'create' && isUntouchable(attempt, user, link)) {
    return supersede(attempt, loginProtected(user.displayName ?? user.id));
  }
  const instead = user === null || link !== null ? null : await takeOver(attempt, prepared, user.id);
  if (instead !== null && (await dependencies.state.changes.unclaim(attempt.input, token))) {
    return claimAndSend(attempt, instead);
  }
  const message = user === null ? LOGIN_OF_SOMEBODY : conflictWith(user.displayName ?? user.id, link !== null);
  return parkWrite(attempt, token, new GenesysError('identity.login-taken', message, { correlationId, status }));
}

const LOGIN_OF_SOMEBODY =
  'Genesys Cloud says that the login or an external id already belongs to another user; free it there or correct the entry, then run retry-failed.';

/** Runs that listed nobody meet users who are protected by a role only by their refusal: the person is left out, as by others. */
function isUntouchable({ dependencies }: Attempt, user: ScimUser, link: Link | null): boolean {
  return link === null && isProtected({ desired: null, link, actual: user }, dependencies.settings.target.protect);
}

/** Only a user who was just read is written under his version: a planned difference is right whatever else changed. */
function versionOf({ version }: PreparedWrite): { version?: string } {
  return version === null ? {} : { version };
}

function isStale(error: unknown): boolean {
  return error instanceof GenesysError && error.code === 'genesys.stale-version';
}
