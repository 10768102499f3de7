import { sql } from 'kysely';
import type { PlannedChange } from '../model/change.ts';
import type { RequestCounts } from '../model/run.ts';
import { insertAudit } from './audit.ts';
import { UniqueViolation, type Writer } from './engine.ts';
import { compareReferrers, linkStamp, moveLink, upsertLink, userStamp } from './links.ts';
import { recordParked } from './parked.ts';
import { countRequests } from './runs.ts';
import type { AppliedResult, ChangeRef, ChangeStore, SentRequest } from './state.ts';
import { fromJson, type StoreContext } from './store-context.ts';

type Claiming = Pick<ChangeStore, 'claim' | 'takeOver' | 'unclaim' | 'applied' | 'stepDone' | 'park' | 'revived'>;
interface Claim {
  token: string;
  request: SentRequest;
  /** Stamp of the link that the request was made from; absent = whatever it is. */
  basis?: string | null;
  /** The same of the link of the user to whom the request goes, where that is not the person's own. */
  userBasis?: string | null;
}

/** Rolls a claim back: another run wrote the person, or the user, after the request was made. */
class LinkMoved extends Error {}

/** The state's side of the write protocol. Every step is conditional on the token, so that a zombie attempt changes nothing. */
export function claiming(context: StoreContext): Claiming {
  const { engine, now } = context;
  return {
    claim: async (ref, claim) => {
      try {
        return await engine.write((trx) => claimPlanned(trx, ref, claim, now()));
      } catch (error) {
        // The partial indexes of writing changes, by anchor and by user: somebody is writing one of the two now.
        if (error instanceof UniqueViolation || error instanceof LinkMoved) return 'busy';
        throw error;
      }
    },
    takeOver: async (ref, oldToken, claim) => {
      try {
        return await engine.write((trx) => handOver(trx, ref, oldToken, claim, now()));
      } catch (error) {
        // A claim that an older release made holds no user, so that somebody else may be writing him.
        if (error instanceof UniqueViolation) return false;
        throw error;
      }
    },
    unclaim: (ref, token) => engine.write((trx) => giveBack(trx, ref, token)),
    applied: (ref, token, result) => engine.write((trx) => apply(trx, ref, token, result, now())),
    stepDone: (ref, token, result) => engine.write((trx) => retire(trx, ref, token, result, now())),
    park: (ref, token, failure, requests) => engine.write((trx) => park(trx, ref, token, failure, requests, now())),
    revived: (ref, token, result, failure) =>
      engine.write((trx) => parkRevived(trx, ref, token, result, failure, now())),
  };
}

function changeAt(trx: Writer, ref: ChangeRef) {
  return trx.updateTable('changes').where('run_id', '=', ref.runId).where('seq', '=', ref.seq);
}

const claimColumns = (claim: Claim, now: string) => ({
  claim_token: claim.token,
  claim_request: JSON.stringify(claim.request),
  claim_user: claim.request.genesysId,
  claim_at: now,
});

async function claimPlanned(trx: Writer, ref: ChangeRef, claim: Claim, now: string): Promise<'claimed' | 'lost'> {
  const result = await changeAt(trx, ref)
    .set({ status: 'writing', ...claimColumns(claim, now) })
    .where('status', '=', 'planned')
    .executeTakeFirst();
  if (result.numUpdatedRows > 0n) {
    // Looked at last: while this claim stands nobody else writes the person, or the user.
    const { basis, userBasis, request } = claim;
    if (basis !== undefined && (await linkStamp(trx, ref)) !== basis) throw new LinkMoved();
    if (userBasis !== undefined && (await userStamp(trx, ref, request.genesysId)) !== userBasis) throw new LinkMoved();
    return 'claimed';
  }
  return (await holds(trx, ref, claim.token, 'writing')) ? 'claimed' : 'lost';
}

async function handOver(trx: Writer, ref: ChangeRef, oldToken: string, claim: Claim, now: string): Promise<boolean> {
  const result = await changeAt(trx, ref)
    .set(claimColumns(claim, now))
    .where('status', '=', 'writing')
    .where('claim_token', 'in', [oldToken, claim.token])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A run that has been closed meanwhile will not come back to it. */
async function giveBack(trx: Writer, ref: ChangeRef, token: string): Promise<boolean> {
  const closed = await isClosed(trx, ref.runId);
  const end = {
    status: 'superseded',
    code: 'superseded',
    message: 'The run ended before this change was made.',
  } as const;
  const result = await changeAt(trx, ref)
    .set({
      claim_token: null,
      claim_request: null,
      claim_user: null,
      claim_at: null,
      ...(closed ? end : { status: 'planned' }),
    })
    .where('status', '=', 'writing')
    .where('claim_token', '=', token)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function isClosed(trx: Writer, runId: string): Promise<boolean> {
  const run = await trx.selectFrom('runs').select('finished_at').where('run_id', '=', runId).executeTakeFirst();
  return run !== undefined && run.finished_at !== null;
}

async function apply(trx: Writer, ref: ChangeRef, token: string, result: AppliedResult, now: string): Promise<boolean> {
  const row = await changeAt(trx, ref)
    .set({ status: 'applied', code: null, message: null, correlation_id: result.correlationId })
    .where('status', '=', 'writing')
    .where('claim_token', '=', token)
    .returning(['sync', 'anchor', 'kind', 'part', 'step'])
    .executeTakeFirst();
  if (row === undefined) return holds(trx, ref, token, 'applied');
  const { sync, anchor } = row;
  const { movedFrom = null, inPlaceOf = null, unsettled = false } = result;
  if (movedFrom !== null) await moveLink(trx, sync, movedFrom, anchor);
  await upsertLink(trx, { sync, runId: ref.runId, link: result.link, origin: result.origin, unsettled, now });
  if (inPlaceOf !== null && inPlaceOf !== result.link.genesysId) await compareReferrers(trx, sync, inPlaceOf);
  await insertAudit(trx, { ...row, runId: ref.runId, result, now });
  const settled = movedFrom === null ? [anchor] : [anchor, movedFrom];
  await trx.deleteFrom('parked').where('sync', '=', sync).where('anchor', 'in', settled).execute();
  await countRequests(trx, ref.runId, result.requests);
  return true;
}

/**
 * The first half of a recycle: the old user's link is put away for good, and the change waits for its second half, unless
 * there is none or its run has ended. The token stays, so that a repeated call is recognised.
 */
async function retire(
  trx: Writer,
  ref: ChangeRef,
  token: string,
  result: AppliedResult,
  now: string,
): Promise<boolean> {
  const half = await changeAt(trx, ref)
    .set(
      result.ends ? { status: 'applied', correlation_id: result.correlationId } : { status: 'planned', step: 'create' },
    )
    .where('status', '=', 'writing')
    .where('step', '=', '')
    .where('claim_token', '=', token)
    .returning(['sync', 'kind', 'part'])
    .executeTakeFirst();
  if (half === undefined) return result.ends ? holds(trx, ref, token, 'applied') : isRetired(trx, ref, token);
  const { link } = result;
  await upsertLink(trx, { sync: half.sync, runId: ref.runId, link, origin: null, retired: true, now });
  await insertAudit(trx, { ...half, runId: ref.runId, anchor: link.anchor, step: 'retire', result, now });
  await trx.deleteFrom('parked').where('sync', '=', half.sync).where('anchor', '=', link.anchor).execute();
  await countRequests(trx, ref.runId, result.requests);
  if (await isClosed(trx, ref.runId)) await endUnmade(trx, ref);
  return true;
}

async function isRetired(trx: Writer, ref: ChangeRef, token: string): Promise<boolean> {
  const row = await trx
    .selectFrom('changes')
    .select('step')
    .where('run_id', '=', ref.runId)
    .where('seq', '=', ref.seq)
    .where('claim_token', '=', token)
    .where('status', '<>', 'writing')
    .executeTakeFirst();
  return row?.step === 'create';
}

/** The old user is retired, so that the next run finds the login free and creates the new one. */
async function endUnmade(trx: Writer, ref: ChangeRef): Promise<void> {
  const message = 'The run ended when the old user was retired; the next run creates the new one.';
  await changeAt(trx, ref)
    .set({ status: 'superseded', code: 'superseded', message })
    .where('status', '=', 'planned')
    .execute();
}

/** The request changed a user in Genesys Cloud although nothing of it counts as applied: the audit trail says so. */
async function parkRevived(
  trx: Writer,
  ref: ChangeRef,
  token: string,
  result: AppliedResult,
  failure: Failure,
  now: string,
): Promise<boolean> {
  if (await holds(trx, ref, token, 'parked')) return true;
  if (!(await park(trx, ref, token, failure, result.requests, now))) return false;
  const row = await trx
    .selectFrom('changes')
    .select(['sync', 'anchor', 'kind', 'part'])
    .where('run_id', '=', ref.runId)
    .where('seq', '=', ref.seq)
    .executeTakeFirstOrThrow();
  await insertAudit(trx, { ...row, runId: ref.runId, step: 'revived', result, now });
  return true;
}

interface Failure {
  code: string;
  message: string;
  correlationId: string | null;
}

async function park(
  trx: Writer,
  ref: ChangeRef,
  token: string | null,
  failure: Failure,
  requests: RequestCounts | null,
  now: string,
): Promise<boolean> {
  const row = await changeAt(trx, ref)
    .set({ status: 'parked', code: failure.code, message: failure.message, correlation_id: failure.correlationId })
    .where(
      token === null
        ? sql<boolean>`status in ('planned', 'writing')`
        : sql<boolean>`status = 'writing' and claim_token = ${token}`,
    )
    .returning(['sync', 'change'])
    .executeTakeFirst();
  if (row === undefined) return token !== null && holds(trx, ref, token, 'parked');
  await recordParked(trx, {
    runId: ref.runId,
    sync: row.sync,
    change: fromJson<PlannedChange>(row.change),
    failure,
    now,
  });
  if (requests !== null) await countRequests(trx, ref.runId, requests);
  return true;
}

/** Whether an earlier call with this token has done it already: its answer may have been lost on the way. */
async function holds(
  trx: Writer,
  ref: ChangeRef,
  token: string,
  status: 'writing' | 'applied' | 'parked',
): Promise<boolean> {
  const row = await trx
    .selectFrom('changes')
    .select('seq')
    .where('run_id', '=', ref.runId)
    .where('seq', '=', ref.seq)
    .where('status', '=', status)
    .where('claim_token', '=', token)
    .executeTakeFirst();
  return row !== undefined;
}
