import type { Mapping } from '../mapping/mapping.ts';
import { isPhoneRegion } from '../mapping/phone.ts';
import { readPath } from '../mapping/scim-names.ts';
import { didYouMean } from '../mapping/suggest.ts';
import { formatPath } from '../model/scim-path.ts';
import { fail, keyOf } from './fault.ts';

export function checkDefaultRegion(region: string | undefined): void {
  if (region !== undefined && !isPhoneRegion(region)) {
    fail('defaultRegion', 'must be a country in two capital letters (ISO 3166), such as DE or US.');
  }
}

/** A person key that nothing is mapped to would never recognise anybody. */
export function checkPersonKey(names: readonly string[], mapping: Mapping): void {
  names.forEach((name, index) => {
    const path = readPath(name);
    if (path !== null && mapping.ownsAttributes.includes(formatPath(path))) return;
    const short = mapping.ownsAttributes.map((owned) => owned.replace(/^urn:.*:/, ''));
    fail(keyOf('identity.personKey', index), `names ${name}, which the mapping does not map${didYouMean(name, short)}`);
  });
}
