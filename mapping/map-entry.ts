import type { Entry } from '../model/entry.ts';
import { formatPath } from '../model/scim-path.ts';
import type { DesiredAttribute, DesiredUser, Problem, ScimValue } from '../model/user.ts';
import { addressFault } from './address.ts';
import { evaluate, firstValue } from './evaluate.ts';
import { isScalar } from './lookup.ts';
import { mapMembers, mapShape } from './map-shape.ts';
import type { Expression, ItemRule, Mapped, Mapping, MappingContext, Policy, Reading, ValueRule } from './mapping.ts';
import { isCore } from './scim-names.ts';
import { parseBoolean } from './text.ts';

/** One entry on its way: what is known of it so far, and what was found wrong. */
interface Work {
  mapping: Mapping;
  entry: Entry;
  context: MappingContext;
  userName: string | null;
  problems: Problem[];
  warnings: Problem[];
  /** Lists with an item that has nothing to say about this entry and shall leave alone what is there. */
  keptLists: Set<string>;
}

/** Maps one entry. Pure: the same mapping, entry and context give the same result. Never throws on attribute values. */
export function mapEntry(mapping: Mapping, entry: Entry, context: MappingContext): Mapped {
  const work: Work = { mapping, entry, context, userName: null, problems: [], warnings: [], keptLists: new Set() };
  work.userName = mapUserName(work);
  const attributes = mapRules(work);
  const displayName = mapDisplayName(work, attributes);
  const active = mapActive(work);
  const { problems, warnings, userName } = work;
  if (problems.length > 0 || userName === null || displayName === null) return { desired: null, problems, warnings };
  const desired: DesiredUser = {
    anchor: entry.anchor,
    directory: entry.directory,
    dn: entry.dn,
    userName,
    displayName,
    ...active,
    attributes: attributes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    ownedLists: ownedLists(work),
    dueAt: entry.dueAt,
  };
  return { desired, problems, warnings };
}

/** The login is trimmed and lower case whatever the mapping says, and an address: Genesys Cloud takes no other. */
function mapUserName(work: Work): string | null {
  const outcome = evaluate(work.mapping.userName, reading(work, 'userName'));
  if ('invalid' in outcome) return problem(work, 'userName', outcome.invalid);
  if (outcome.value === null) return problem(work, 'userName', 'is empty: the entry has none of the mapped attributes');
  const userName = String(outcome.value).trim().toLowerCase();
  const wrong = work.context.addressLogins === false ? null : addressFault(userName);
  return wrong === null ? userName : problem(work, 'userName', wrong);
}

/** A mapping without displayName shows people by their formatted name, else by their login. */
function mapDisplayName(work: Work, attributes: DesiredAttribute[]): string | null {
  const mapped = work.mapping.rules.some((rule) => isCore(rule, 'displayName'));
  const value = attributes.find((attribute) => attribute.path === 'displayName')?.value;
  if (typeof value === 'string') return value;
  if (mapped) {
    const reported = work.problems.some((found) => found.attribute === 'displayName');
    return reported ? null : problem(work, 'displayName', 'is empty: the entry has none of the mapped attributes');
  }
  const name = attributes.find((attribute) => attribute.path === 'name')?.value;
  const formatted = typeof name === 'object' && name !== null && 'formatted' in name ? name.formatted : null;
  return typeof formatted === 'string' ? formatted : work.userName;
}

/** Missing = true; text is read as an LDAP Boolean, so that `FALSE` is false. */
function mapActive(work: Work): Pick<DesiredUser, 'active' | 'inactiveBecause'> {
  const { entry, mapping } = work;
  const said = mapping.active === null || readActive(work, mapping.active);
  if (!entry.enabled) return { active: false, inactiveBecause: entry.disabledBecause ?? 'the directory says disabled' };
  return said
    ? { active: true, inactiveBecause: null }
    : { active: false, inactiveBecause: 'active is mapped to false' };
}

function readActive(work: Work, expression: Expression): boolean {
  const outcome = evaluate(expression, reading(work, 'active'));
  if (!('invalid' in outcome)) {
    const value = outcome.value === null ? true : parseBoolean(String(outcome.value));
    if (value !== null) return value;
  }
  problem(work, 'active', 'invalid' in outcome ? outcome.invalid : 'is neither TRUE nor FALSE');
  return true;
}

function mapRules(work: Work): DesiredAttribute[] {
  const found = new Map<string, DesiredAttribute>();
  for (const rule of work.mapping.rules) {
    const attribute = rule.kind === 'item' ? mapItem(work, rule) : mapValue(work, rule);
    if (attribute === null) continue;
    const earlier = found.get(attribute.path);
    if (earlier !== undefined && earlier.value !== null) {
      if (attribute.value !== null) warn(work, attribute.path, 'comes out of several items; the first one counts');
    } else found.set(attribute.path, attribute);
  }
  return [...found.values()];
}

function mapValue(work: Work, rule: ValueRule): DesiredAttribute | null {
  const path = formatPath(rule.path);
  if (rule.shape.kind === 'reference') return mapReference(work, path, rule.shape.attributes, rule.policy);
  if (isCore(rule, 'userName')) return desired(path, work.userName, rule.policy);
  const value = mapShape(rule.shape, reading(work, path), (invalid) => reject(work, path, invalid, rule.policy));
  // A transform such as `number` may have made it something else, and a display name is always text.
  const text = isCore(rule, 'displayName') && isScalar(value) ? String(value) : value;
  const granted = !isCore(rule, 'roles') || !isList(text) || text.every((role) => grantable(work, role));
  return {
    ...desired(path, granted ? text : null, rule.policy),
    ...(rule.patchAs === null ? {} : { patchAs: rule.patchAs }),
  };
}

function mapItem(work: Work, rule: ItemRule): DesiredAttribute | null {
  const { selector, selectBy, list, policy } = rule;
  const label = formatPath({ ...list, selector });
  const mapped = mapMembers(rule.members, reading(work, label), (invalid) => reject(work, label, invalid, policy));
  const item = !isCore(rule, 'roles') || grantable(work, mapped) ? mapped : null;
  if (selector !== null) return desired(label, item, policy);
  const value = item?.[selectBy];
  if (item !== null && isScalar(value)) {
    return desired(formatPath({ ...list, selector: { attribute: selectBy, value } }), item, policy);
  }
  if (policy.onEmpty === 'keep') work.keptLists.add(formatPath(list));
  return null;
}

/** Parks who would get a role outside `target.grantableRoles`, so that nobody is granted one by a directory value. */
function grantable(work: Work, item: ScimValue | null): boolean {
  const allowed = work.context.grantableRoles ?? [];
  const role = typeof item === 'object' && item !== null && 'value' in item ? item.value : item;
  if (allowed.length === 0) return true;
  if (typeof role !== 'string' || allowed.includes(role)) return true;
  problem(work, 'roles', 'is mapped to a role that target.grantableRoles does not list');
  return false;
}

/** Another person by DN. Whoever is not in scope, or is the person himself, counts as nobody. */
function mapReference(work: Work, path: string, names: readonly string[], policy: Policy): DesiredAttribute {
  const read = reading(work, path);
  const dn = names.map((name) => firstValue(name, read)).find((value) => value !== null && value.trim() !== '');
  if (dn === undefined || dn === null) return desired(path, null, policy);
  const anchor = work.context.anchorOf(dn);
  if (anchor === undefined) warn(work, path, 'manager out of scope: left out');
  else if (anchor === work.entry.anchor) warn(work, path, 'names the person himself: left out');
  else return { ...desired(path, null, policy), reference: anchor };
  return desired(path, null, policy);
}

/** Lists whose unwanted items may go: not those written once, nor those whose empty source shall leave things alone. */
function ownedLists({ mapping, keptLists }: Work): string[] {
  const lists = mapping.rules.flatMap((rule) =>
    rule.kind === 'item' && rule.policy.apply === 'always' ? [formatPath(rule.list)] : [],
  );
  return [...new Set(lists)].filter((list) => !keptLists.has(list)).sort();
}

function isList(value: ScimValue | null): value is readonly ScimValue[] {
  return Array.isArray(value);
}

function desired(path: string, value: ScimValue | null, { apply, onEmpty }: Policy): DesiredAttribute {
  return { path, value, reference: null, apply, onEmpty };
}

function reading(work: Work, attribute: string): Reading {
  const { entry, context, userName } = work;
  return { entry, context, userName, warn: (text) => void warn(work, attribute, text) };
}

function reject(work: Work, attribute: string, invalid: string, policy: Policy): void {
  if (policy.onInvalid === 'park') problem(work, attribute, invalid);
  else warn(work, attribute, `${invalid}: left out`);
}

function problem(work: Work, attribute: string, text: string): null {
  return note(work.problems, attribute, text);
}

function warn(work: Work, attribute: string, text: string): null {
  return note(work.warnings, attribute, text);
}

function note(notes: Problem[], attribute: string, text: string): null {
  const known = notes.some((one) => one.attribute === attribute && one.problem === text);
  if (!known) notes.push({ attribute, problem: text });
  return null;
}
