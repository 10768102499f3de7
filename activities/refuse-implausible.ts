import { dnKey } from '../directory/dn.ts';
import { DirectoryError } from '../model/errors.ts';
import { implausible } from '../planning/plausible.ts';
import type { State } from '../state/state.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { lastCompleteRun } from './last-complete.ts';

/** Compares with the last complete read of the same directories, and looks for the canaries. Throws for a failed read. */
export async function refuseImplausible(
  { settings, state }: Dependencies,
  ref: RunRef,
  inScope: number,
): Promise<void> {
  const { canaries } = settings.safety;
  const keys = new Map(canaries.map((canary) => [canary, canary.includes('=') ? dnKey(canary) : canary.toLowerCase()]));
  const seen = await state.staging.contains(ref.runId, [...keys.values()]);
  const canariesMissing = canaries.filter((canary) => !seen.has(keys.get(canary) ?? canary));
  const previous = await previousCount(state, ref);
  const problem = implausible({ inScope, previous, canariesMissing }, settings.safety);
  if (problem !== null) throw new DirectoryError('directory.implausible', problem);
}

async function previousCount(state: State, ref: RunRef): Promise<number | null> {
  const last = await lastCompleteRun(state, ref);
  if (last === null) return null;
  const readNow = new Set((await state.staging.marks(ref.runId)).map((mark) => mark.directory));
  const before = (await state.staging.marks(last)).filter((mark) => readNow.has(mark.directory));
  return before.length === 0 ? null : before.reduce((sum, mark) => sum + mark.inScope, 0);
}
