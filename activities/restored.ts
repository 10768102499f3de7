import type { Link, ScimUser } from '../model/user.ts';
import type { Attempt } from './write-attempt.ts';

/**
 * The user in whose place a change makes or takes another one, where he is there again; null: he is deleted, or the change
 * takes nobody's place. By id, since an index shows users for a while after they were deleted.
 */
export async function restored({ dependencies, call }: Attempt, former: Link | undefined): Promise<ScimUser | null> {
  if (former === undefined) return null;
  return (await dependencies.genesys.get(former.genesysId, call))?.user ?? null;
}

export const RESTORED = 'the user was restored in Genesys Cloud meanwhile; a later run compares again';
