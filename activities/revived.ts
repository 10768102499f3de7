import { GenesysError } from '../model/errors.ts';
import type { ScimUser } from '../model/user.ts';
import type { PreparedWrite } from './prepared-write.ts';
import { resultOf } from './record-write.ts';
import { lostClaim, type Attempt, type WriteResult } from './write-attempt.ts';

/** A user as a POST answered him, with the HTTP status, or as a look-up found him. */
interface Answer {
  user: ScimUser;
  correlationId: string | null;
  status?: number;
}

/**
 * Parks a create whose login belonged to an account deleted in Genesys Cloud: the service brings that account back instead
 * of making a new one. It is somebody's, history and all, so that a person has to say whose it is. Null: it is a new user,
 * or the person's own deleted one, whom a person or the policy wanted back.
 */
export async function parkIfRevived(
  attempt: Attempt,
  token: string,
  prepared: PreparedWrite,
  answer: Answer,
): Promise<WriteResult | null> {
  if (answer.user.id === prepared.former?.genesysId || !(await isRevived(attempt, answer))) return null;
  const { correlationId } = answer;
  const { code, message } = revived(answer.user.id);
  const result = resultOf(attempt, prepared, answer, { asSent: true });
  const failure = { code, message, correlationId };
  const parked = await attempt.dependencies.state.changes.revived(attempt.input, token, result, failure);
  return parked ? { outcome: 'parked', correlationId } : lostClaim(attempt);
}

/** A new user is answered 201 and has an id that nobody had before. */
async function isRevived({ dependencies, row }: Attempt, { user, status }: Answer): Promise<boolean> {
  const { audit, links } = dependencies.state;
  const { anchor } = row.change;
  if (status === 200) return true;
  const holder = status === undefined ? null : await links.byGenesysId(row.sync, user.id);
  return (holder !== null && holder.anchor !== anchor) || (await audit.revived(row.sync, [anchor])).has(user.id);
}

function revived(genesysId: string): GenesysError {
  const message = `Genesys Cloud brought back a deleted account that had this login (user ${genesysId}, now active with this person's data) instead of making a new user: if it is this very person, approve its adoption, which the next full run holds; if not, give that account another login, delete it again in Genesys Cloud and run retry-failed.`;
  return new GenesysError('identity.revived', message);
}
