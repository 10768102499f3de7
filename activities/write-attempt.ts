import type { Call } from '../genesys/open.ts';
import { GenesysError, RollcallError } from '../model/errors.ts';
import type { ChangeRef, ChangeRow, SentRequest } from '../state/state.ts';
import type { Dependencies } from './dependencies.ts';

export interface WriteInput extends ChangeRef {
  /** Who asked for the run; stands in the audit trail. */
  actor: string;
}

export interface WriteResult {
  outcome: 'applied' | 'parked' | 'superseded';
  correlationId: string | null;
  /** Of a retirement: nobody is created afterwards. */
  ends?: true;
}

/** One attempt at one change. */
export interface Attempt {
  dependencies: Dependencies;
  input: WriteInput;
  row: ChangeRow;
  call: Call;
  /** Stamp of the person's link as the request was made from it; absent until one was. */
  basis?: string | null;
  /** The same of the link of the user to whom the request goes, where that is another person's or must be nobody's. */
  userBasis?: string | null;
}

/** Claims the change for a request, unless somebody wrote the person, or the user, since it was made. */
export function claimWrite(
  { dependencies, input, basis, userBasis }: Attempt,
  token: string,
  request: SentRequest,
): Promise<'claimed' | 'busy' | 'lost'> {
  const bases = { ...(basis === undefined ? {} : { basis }), ...(userBasis === undefined ? {} : { userBasis }) };
  return dependencies.state.changes.claim(input, { token, request, ...bases });
}

/** The outcome of a change that has ended. */
export function recorded(row: ChangeRow): WriteResult {
  const outcome = row.status === 'applied' || row.status === 'parked' ? row.status : 'superseded';
  return { outcome, correlationId: row.correlationId };
}

/** Parks the change with the sentence for people. `token` null: it was never claimed. */
export async function parkWrite(attempt: Attempt, token: string | null, error: RollcallError): Promise<WriteResult> {
  const { state } = attempt.dependencies;
  const correlationId = error instanceof GenesysError ? error.correlationId : null;
  const failure = { code: error.code, message: error.message, correlationId };
  const parked = await state.changes.park(attempt.input, token, failure, null);
  return parked ? { outcome: 'parked', correlationId } : lostClaim(attempt);
}

/** What to say when a claim is in other hands: the recorded outcome, or to come back a little later. */
export async function lostClaim(attempt: Attempt): Promise<WriteResult> {
  const row = await attempt.dependencies.state.changes.get(attempt.input.runId, attempt.input.seq);
  if (row !== null && row.status !== 'planned' && row.status !== 'writing') return recorded(row);
  throw new RollcallError(
    'state.busy',
    'Another change of the same person or Genesys user is being written; this one waits for it.',
    {
      retryable: true,
      retryAfterMs: 2_000,
    },
  );
}
