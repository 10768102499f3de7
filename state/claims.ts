import { sql } from 'kysely';
import type { PlannedChange } from '../model/change.ts';
import type { RequestCounts } from '../model/run.ts';
import { insertAudit } from './audit.ts';
import { UniqueViolation, type Writer } from './engine.ts';
import { upsertLink } from './links.ts';
import { recordParked } from './parked.ts';
import { countRequests } from './runs.ts';
import type { AppliedResult, ChangeRef, ChangeStore, SentRequest } from './state.ts';
import { fromJson, type StoreContext } from './store-context.ts';

type Claiming = Pick<ChangeStore, 'claim' | 'takeOver' | 'unclaim' | 'applied' | 'park'>;
interface Claim {
  token: string;
  request: SentRequest;
}

/** The state's side of the write protocol. Every step is conditional on the token, so that a zombie attempt changes nothing. */
export function claiming(context: StoreContext): Claiming {
  const { engine, now } = context;
  return {
    claim: async (ref, claim) => {
      try {
        return await engine.write((trx) => claimPlanned(trx, ref, claim, now()));
      } catch (error) {
        // The partial index over (sync, anchor) of writing changes: somebody is writing this person now.
        if (error instanceof UniqueViolation) return 'busy';
        throw error;
      }
    },
    takeOver: (ref, oldToken, claim) => engine.write((trx) => handOver(trx, ref, oldToken, claim, now())),
    unclaim: (ref, token) => engine.write((trx) => giveBack(trx, ref, token)),
    applied: (ref, token, result) => engine.write((trx) => apply(trx, ref, token, result, now())),
    park: (ref, token, failure, requests) => engine.write((trx) => park(trx, ref, token, failure, requests, now())),
  };
}

function changeAt(trx: Writer, ref: ChangeRef) {
  return trx.updateTable('changes').where('run_id', '=', ref.runId).where('seq', '=', ref.seq);
}

const claimColumns = (claim: Claim, now: string) => ({
  claim_token: claim.token,
  claim_request: JSON.stringify(claim.request),
  claim_at: now,
});

async function claimPlanned(trx: Writer, ref: ChangeRef, claim: Claim, now: string): Promise<'claimed' | 'lost'> {
  const result = await changeAt(trx, ref)
    .set({ status: 'writing', ...claimColumns(claim, now) })
    .where('status', '=', 'planned')
    .executeTakeFirst();
  if (result.numUpdatedRows > 0n) return 'claimed';
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
  const run = await trx.selectFrom('runs').select('finished_at').where('run_id', '=', ref.runId).executeTakeFirst();
  const closed = run !== undefined && run.finished_at !== null;
  const end = {
    status: 'superseded',
    code: 'superseded',
    message: 'The run ended before this change was made.',
  } as const;
  const result = await changeAt(trx, ref)
    .set({ claim_token: null, claim_request: null, claim_at: null, ...(closed ? end : { status: 'planned' }) })
    .where('status', '=', 'writing')
    .where('claim_token', '=', token)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function apply(trx: Writer, ref: ChangeRef, token: string, result: AppliedResult, now: string): Promise<boolean> {
  const row = await changeAt(trx, ref)
    .set({ status: 'applied', code: null, message: null, correlation_id: result.correlationId })
    .where('status', '=', 'writing')
    .where('claim_token', '=', token)
    .returning(['sync', 'anchor', 'kind', 'user_name'])
    .executeTakeFirst();
  if (row === undefined) return holds(trx, ref, token, 'applied');
  await upsertLink(trx, { sync: row.sync, runId: ref.runId, link: result.link, origin: result.origin, now });
  await insertAudit(trx, { sync: row.sync, runId: ref.runId, anchor: row.anchor, kind: row.kind, result, now });
  await trx.deleteFrom('parked').where('sync', '=', row.sync).where('anchor', '=', row.anchor).execute();
  await countRequests(trx, ref.runId, result.requests);
  return true;
}

async function park(
  trx: Writer,
  ref: ChangeRef,
  token: string | null,
  failure: { code: string; message: string; correlationId: string | null },
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
