import type { Mapping, Rule, Shape } from '../mapping/mapping.ts';
import { isPhoneRegion } from '../mapping/phone.ts';
import { isCore, readPath } from '../mapping/scim-names.ts';
import { constantOf } from '../mapping/rule-collector.ts';
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

/** A role that stands in the mapping itself would park everybody when it may not be granted. */
export function checkGrantableRoles(grantable: readonly string[], mapping: Mapping): void {
  if (grantable.length === 0) return;
  const roles = mapping.rules.filter((rule) => isCore(rule, 'roles')).flatMap(constantRoles);
  const refused = roles.find((role) => !grantable.includes(role));
  if (refused === undefined) return;
  fail('target.grantableRoles', `lacks ${refused}, a role that the mapping gives: list it, or unmap it.`);
}

function constantRoles(rule: Rule): string[] {
  if (rule.kind === 'item') return constantRole({ kind: 'object', members: rule.members });
  return rule.shape.kind === 'list' ? rule.shape.elements.flatMap(constantRole) : constantRole(rule.shape);
}

function constantRole(shape: Shape): string[] {
  const role = constantOf(shape.kind === 'object' ? shape.members['value'] : shape);
  return typeof role === 'string' ? [role] : [];
}
