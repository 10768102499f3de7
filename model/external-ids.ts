import { GENESYS_USER } from './scim-path.ts';
import type { ScimUser } from './user.ts';

/** What names a user to others, each once and in lower case: SCIM `externalId` and every external id of whatever authority. */
export function externalIdsOf(user: ScimUser): string[] {
  const extension = user[GENESYS_USER] as { externalIds?: { value?: unknown }[] } | undefined;
  const values = [user.externalId, ...(extension?.externalIds ?? []).map(({ value }) => value)];
  return [...new Set(values.filter((value) => typeof value === 'string').map((value) => value.toLowerCase()))];
}
