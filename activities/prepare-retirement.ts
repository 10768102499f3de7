import { patchBody } from '../planning/requests.ts';
import { unsatisfied } from '../planning/satisfied.ts';
import { presentValues } from '../planning/values.ts';
import type { SentRequest } from '../state/state.ts';
import {
  admitted,
  endDeleted,
  linkOfPredecessor,
  predecessorOf,
  recordAsIs,
  supersede,
  type Preparation,
  type PreparedWrite,
} from './prepared-write.ts';
import type { Attempt } from './write-attempt.ts';

/**
 * The first half of a recycle: the PATCH that takes the old user out of use, as planned, without what has come true
 * already. What the user looks like was seen by the step before, or is looked at now (`fresh`).
 */
export async function prepareRetirement(attempt: Attempt, options: { fresh: boolean }): Promise<Preparation> {
  const { dependencies, input, row, call } = attempt;
  const { genesysId, retirement } = predecessorOf(attempt);
  if (retirement === null) throw new Error('a recycle without a retirement');
  const link = await linkOfPredecessor(attempt);
  if (link === null) return { ended: await supersede(attempt, NOT_HIS) };
  const seen = options.fresh ? null : await dependencies.state.snapshots.ofRun(row.sync, genesysId, input.runId);
  const found = seen?.user ?? (await dependencies.genesys.get(genesysId, call))?.user ?? null;
  if (found === null) return { ended: await endDeleted(attempt, null) };
  const looked = await admitted(attempt, link, found);
  if ('ended' in looked) return looked;
  const { actual } = looked;
  const operations = unsatisfied(retirement.operations, actual);
  const request: SentRequest = { method: 'PATCH', genesysId, body: patchBody(operations) };
  const { after } = retirement;
  const before = presentValues(Object.keys(after), { written: link.written, actual });
  const nobody = { idOf: () => null, stillThere: () => true };
  const version = options.fresh ? (actual.meta?.version ?? null) : null;
  const prepared: PreparedWrite = { request, before, after, link, references: nobody, version };
  return operations.length === 0 ? { ended: await recordAsIs(attempt, prepared, actual) } : prepared;
}

export const NOT_HIS = 'the user who has this login belongs to somebody else by now; a later run compares again';
