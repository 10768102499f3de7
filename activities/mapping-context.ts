import type { MappingContext } from '../mapping/mapping.ts';
import type { Anchor } from '../model/entry.ts';
import { PROFILES } from '../model/profile.ts';
import type { Dependencies } from './dependencies.ts';

/** What mapping an entry takes besides the entry, out of the configuration. */
export function mappingContext(
  { settings }: Pick<Dependencies, 'settings'>,
  now: Date,
  anchorOf: (dn: string) => Anchor | undefined,
): MappingContext {
  const { defaultRegion, target } = settings;
  const { addressLogins } = PROFILES[target.profile];
  return { defaultRegion, now, anchorOf, addressLogins, grantableRoles: target.grantableRoles };
}
