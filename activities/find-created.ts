import { hasExternalId } from '../genesys/scim-user.ts';
import { GENESYS_USER } from '../model/scim-path.ts';
import type { ScimUser } from '../model/user.ts';
import type { PreparedWrite } from './prepared-write.ts';
import type { Attempt } from './write-attempt.ts';

export type Found = { state: 'ours'; user: ScimUser } | { state: 'foreign'; user: ScimUser } | { state: 'none' };

interface CreateBody {
  userName?: string;
  externalId?: string;
  [GENESYS_USER]?: { externalIds?: { authority: string; value: string }[] };
}

/** A user just made is active; the listing of inactive ones is searched once, for the login. */
const ACTIVE = { inactive: false };

/**
 * Looks for the user that a POST may have made: by external id, by each authority, by login, among active and inactive
 * ones. Ours is who carries one of the external ids that the request gave him. `loginAlone`: also who has just the
 * login, when the request gave no external id; true only for a POST of ours whose outcome is unknown.
 */
export async function findCreated(
  attempt: Attempt,
  { request, former }: Pick<PreparedWrite, 'request' | 'former'>,
  options: { loginAlone: boolean },
): Promise<Found> {
  const { genesys } = attempt.dependencies;
  // A filter may still show a retired user under the login that he had, and a deleted one as if he were there.
  const past = attempt.row.change.predecessor?.genesysId ?? former?.genesysId;
  const first = (users: ScimUser[]): ScimUser | undefined => users.find(({ id }) => id !== past);
  const body = request.body as CreateBody;
  const externalIds = body[GENESYS_USER]?.externalIds ?? [];
  if (body.externalId !== undefined) {
    const user = first(await genesys.findByExternalId(body.externalId, attempt.call, ACTIVE));
    if (user !== undefined) return { state: 'ours', user };
  }
  for (const { authority, value } of externalIds) {
    const user = first(await genesys.findByAuthority(authority, value, attempt.call, ACTIVE));
    if (user !== undefined) return { state: 'ours', user };
  }
  const named = body.userName === undefined ? [] : await genesys.findByUserName(body.userName, attempt.call);
  const holder = first(named);
  if (holder === undefined) return { state: 'none' };
  const anonymous = body.externalId === undefined && externalIds.length === 0;
  const ours = anonymous ? options.loginAlone : carriesIdOf(body, holder);
  return { state: ours ? 'ours' : 'foreign', user: holder };
}

/** Tells our user from a stranger where the look-ups by external id do not reach: among inactive ones. */
function carriesIdOf(body: CreateBody, user: ScimUser): boolean {
  if (body.externalId !== undefined && user.externalId === body.externalId) return true;
  const wanted = body[GENESYS_USER]?.externalIds ?? [];
  return wanted.some(({ authority, value }) => hasExternalId(user, authority, value));
}
