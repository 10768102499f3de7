import { formatPath, parsePath } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { Scalar } from '../model/user.ts';
import { fault } from './fault.ts';
import type { ItemRule, Members, Policy, Rule, Shape, ValueRule } from './mapping.ts';

/** What tells an item from the others of its list, best first. */
const SELECTOR_ORDER = ['type', 'authority', 'name', 'primary', 'value', 'id'];

type Selector = { attribute: string; value: Scalar };
interface Draft {
  where: string;
  policy: Partial<Policy>;
  /** True when further lines may add members: `name.givenName`, `phoneNumbers[work].primary`. */
  open: boolean;
}
interface ValueDraft extends Draft {
  kind: 'value';
  path: AttributePath;
  shape: Shape;
}
interface ItemDraft extends Draft {
  kind: 'item';
  list: AttributePath;
  selector: Selector | null;
  selectBy: string;
  members: Members;
}

/** Brings lines about the same attribute or list item together, and refuses two lines that say different things of it. */
export class RuleCollector {
  readonly #drafts = new Map<string, ValueDraft | ItemDraft>();

  /** A whole attribute. */
  addValue(path: AttributePath, shape: Shape, policy: Partial<Policy>, where: string): void {
    this.#put(keyOf(path), { kind: 'value', path, shape, policy, where, open: false });
  }

  /** One sub-attribute of a complex attribute. */
  addSub(path: AttributePath, sub: string, shape: Shape, policy: Partial<Policy>, where: string): void {
    const members = { [sub]: shape };
    this.#put(keyOf(path), { kind: 'value', path, shape: { kind: 'object', members }, policy, where, open: true });
  }

  /** One item of a list, named by its members. */
  addItem(list: AttributePath, members: Members, policy: Partial<Policy>, where: string): void {
    const selectBy = SELECTOR_ORDER.find((name) => name in members);
    if (selectBy === undefined) {
      fault(where, `needs one of ${SELECTOR_ORDER.join(', ')}, to tell it from the list's other items.`);
    }
    const value = constantOf(members[selectBy]);
    const selector = value === null ? null : { attribute: selectBy, value };
    const key = selector === null ? `${keyOf(list)}@${where}` : itemKey(list, selector);
    this.#put(key, { kind: 'item', list, selector, selectBy, members, policy, where, open: false });
  }

  /** Members of the item that a value path names. */
  addSelected(list: AttributePath, selector: Selector, members: Members, policy: Partial<Policy>, where: string): void {
    const { attribute, value } = selector;
    if (attribute in members) fault(where, `sets ${attribute}, which its own left side fixes already.`);
    const named: Shape = { kind: 'scalar', expression: { sources: [{ kind: 'constant', value }], transforms: [] } };
    const all = { [attribute]: named, ...members };
    const draft = {
      kind: 'item',
      list,
      selector,
      selectBy: attribute,
      members: all,
      policy,
      where,
      open: true,
    } as const;
    this.#put(itemKey(list, selector), draft);
  }

  /** The rules in the order of their first lines. */
  finish(): Rule[] {
    const drafts = [...this.#drafts.values()];
    for (const draft of drafts) {
      const whole = draft.kind === 'item' ? this.#drafts.get(keyOf(draft.list)) : undefined;
      if (whole !== undefined)
        fault(draft.where, `maps an item of what ${whole.where} maps as a whole: keep one of them.`);
    }
    return drafts.map(toRule);
  }

  #put(key: string, draft: ValueDraft | ItemDraft): void {
    const earlier = this.#drafts.get(key);
    this.#drafts.set(key, earlier === undefined ? draft : merge(earlier, draft));
  }
}

function merge(earlier: ValueDraft | ItemDraft, later: ValueDraft | ItemDraft): ValueDraft | ItemDraft {
  if (!earlier.open || !later.open) fault(later.where, `maps again what ${earlier.where} maps: keep one of them.`);
  const policy = mergePolicies(earlier, later);
  if (earlier.kind === 'item' && later.kind === 'item') {
    const { [later.selectBy]: _selector, ...added } = later.members;
    return { ...earlier, policy, members: mergeMembers(earlier, earlier.members, added, later) };
  }
  if (earlier.kind === 'value' && later.kind === 'value') {
    const members = mergeMembers(earlier, membersOf(earlier.shape), membersOf(later.shape), later);
    return { ...earlier, policy, shape: { kind: 'object', members } };
  }
  fault(later.where, `maps again what ${earlier.where} maps: keep one of them.`);
}

function mergeMembers(earlier: Draft, first: Members, second: Members, later: Draft): Members {
  const twice = Object.keys(second).find((name) => name in first);
  if (twice !== undefined) fault(later.where, `maps again what ${earlier.where} maps: keep one of them.`);
  return { ...first, ...second };
}

function mergePolicies(earlier: Draft, later: Draft): Partial<Policy> {
  for (const key of ['apply', 'onInvalid', 'onEmpty', 'patch'] as const) {
    const [first, second] = [earlier.policy[key], later.policy[key]];
    if (first !== undefined && second !== undefined && first !== second) {
      fault(later.where, `has another ${key} than ${earlier.where}, which is the same value: give both the same.`);
    }
  }
  return { ...earlier.policy, ...later.policy };
}

function toRule(draft: ValueDraft | ItemDraft): Rule {
  const attribute = draft.kind === 'item' ? draft.list : draft.path;
  const login = attribute.schema === null && ['userName', 'displayName'].includes(attribute.attribute);
  if (login && draft.policy.onInvalid === 'drop') fault(draft.where, 'cannot be dropped: every user needs one.');
  if (login && draft.policy.apply === 'createOnly') {
    fault(draft.where, 'cannot be createOnly: people are recognised by it.');
  }
  const policy: Policy = {
    apply: draft.policy.apply ?? 'always',
    onInvalid: draft.policy.onInvalid ?? (login ? 'park' : 'drop'),
    onEmpty: draft.policy.onEmpty ?? 'clear',
    patch: draft.policy.patch ?? 'items',
  };
  if (draft.kind === 'value') {
    const { path, shape } = draft;
    const patchAs = policy.patch === 'whole' ? spelling(draft) : null;
    return { kind: 'value', path, shape, policy, patchAs } satisfies ValueRule;
  }
  const { list, selector, selectBy, members } = draft;
  return { kind: 'item', list, selector, selectBy, members, policy } satisfies ItemRule;
}

/** A path as the mapping file has it, where that is a whole path by itself; a service may know no other spelling. */
function spelling({ path, where }: ValueDraft): string {
  const full = formatPath(path);
  const spelled = parsePath(where);
  return spelled !== null && formatPath(spelled) === full ? where : full;
}

/** The value of a shape that is the same for every entry, else null. */
export function constantOf(shape: Shape | undefined): Scalar | null {
  if (shape?.kind !== 'scalar' || shape.expression.transforms.length > 0) return null;
  const [source] = shape.expression.sources;
  return source?.kind === 'constant' ? source.value : null;
}

function membersOf(shape: Shape): Members {
  return shape.kind === 'object' ? shape.members : {};
}

function keyOf(path: AttributePath): string {
  return formatPath(path).toLowerCase();
}

function itemKey(list: AttributePath, selector: Selector): string {
  return `${keyOf(list)}[${selector.attribute} eq ${JSON.stringify(selector.value)}]`;
}
