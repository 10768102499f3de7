import type { Dependencies } from './dependencies.ts';

export interface DecideBatchInput {
  sync: string;
  batch: string;
  status: 'approved' | 'rejected' | 'expired';
  by: string;
  reason: string | null;
}

export interface DecideBatchResult {
  accepted: boolean;
  /** Why not, where it is known: the rest of a sentence. */
  because?: string;
}

/** Writes a decision to state, once. Repeating the same decision (a lost completion) is accepted again. */
export async function decideBatch(
  { settings, state }: Dependencies,
  input: DecideBatchInput,
): Promise<DecideBatchResult> {
  const { sync, batch, status, by, reason } = input;
  const held = await state.batches.get(sync, batch);
  if (status === 'approved' && held !== null && held.configHash !== settings.hash) {
    await state.batches.voidOutdated(sync, settings.hash);
    return { accepted: false, because: 'it was made under another configuration than the worker has now' };
  }
  if (await state.batches.decide(batch, { status, by, reason })) return { accepted: true };
  const stored = await state.batches.get(sync, batch);
  return { accepted: stored?.status === status && stored.decidedBy === by && stored.decisionReason === reason };
}
