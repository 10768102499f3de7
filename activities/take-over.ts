import { isPlainlyHis } from '../planning/adoption.ts';
import { isProtected } from '../planning/protect.ts';
import { patchBody, reactivation } from '../planning/requests.ts';
import type { PreparedWrite } from './prepared-write.ts';
import { personKeyPaths } from './surroundings.ts';
import type { Attempt } from './write-attempt.ts';

/**
 * What a create becomes when its login turns out to be that of a Genesys user whom nobody manages, and about whom nothing is
 * odd: he is brought to where the person shall be. Null: somebody has to look first, or he is gone again.
 */
export async function takeOver(
  attempt: Attempt,
  refused: PreparedWrite,
  genesysId: string,
): Promise<PreparedWrite | null> {
  const { dependencies, row, call } = attempt;
  const { settings } = dependencies;
  const { desired, kind } = row.change;
  if (kind !== 'create' || desired === null || refused.former !== undefined) return null;
  // A look-up answers with a part of the user.
  const actual = (await dependencies.genesys.get(genesysId, call))?.user ?? null;
  const identity = { ...settings.identity, personKey: personKeyPaths(settings) };
  if (actual === null || isProtected({ desired, link: null, actual }, settings.target.protect)) return null;
  if (!isPlainlyHis(actual, desired, { identity })) return null;
  const { operations, before, after } = reactivation(desired, actual, refused.references);
  if (operations.length === 0) return null;
  attempt.userBasis = null;
  return {
    ...{ before, after, link: null, references: refused.references },
    request: { method: 'PATCH', genesysId: actual.id, body: patchBody(operations) },
    version: actual.meta?.version ?? null,
  };
}
