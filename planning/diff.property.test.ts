import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredUser, ScimUser, ScimValue, WrittenValues } from '../model/user.ts';
import { applied, isTree, listAt } from '../test/support/patch-engine.ts';
import { diffUser } from './diff.ts';
import type { Drift, References } from './diff.ts';
import { writtenAfter } from './requests.ts';

/** Random people, random knowledge about them, and the strict PATCH engine of the tests. */

const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const G = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
type Tree = Record<string, unknown>;
interface Place {
  path: string;
  schema: string | null;
  attribute: string;
  key: [string, string] | null;
  pool: ScimValue[];
}

const single = (schema: string | null, attribute: string, pool: ScimValue[]): Place => {
  return { path: schema === null ? attribute : `${schema}:${attribute}`, schema, attribute, key: null, pool };
};
const item = (schema: string | null, attribute: string, key: [string, string], pool: Tree[]): Place => ({
  path: `${schema === null ? '' : `${schema}:`}${attribute}[${key[0]} eq "${key[1]}"]`,
  schema,
  attribute,
  key,
  pool: pool.map((members) => ({ [key[0]]: key[1], ...members }) as ScimValue),
});

const PLACES: Place[] = [
  single(null, 'userName', ['a@x.example', 'A@X.example', 'b@x.example']),
  single(null, 'title', ['Agent', 'agent', 'Boss']),
  single(null, 'name', [{ givenName: 'Ann' }, { givenName: 'Ann', familyName: 'Lee' }, { familyName: 'Ray' }]),
  single(E, 'department', ['Sales', 'Legal']),
  single(E, 'dateHire', ['2024-05-01', '2024-05-01T08:00:00Z', '2024-06-01']),
  single(E, 'manager', [{ value: 'id-bob' }, { value: 'id-eve' }]),
  item(null, 'phoneNumbers', ['type', 'work'], [{ value: '+1' }, { value: 'tel:+1' }, { value: '+2', primary: true }]),
  item(null, 'phoneNumbers', ['type', 'mobile'], [{ value: '+1' }, { value: '+3' }]),
  item(
    null,
    'emails',
    ['type', 'work'],
    [{ value: 'w@x.example' }, { value: 'W@X.example' }, { value: 'v@x.example' }],
  ),
  item(G, 'externalIds', ['authority', 'ad'], [{ value: 'k1' }, { value: 'k2' }]),
  item(G, 'routingSkills', ['name', 'Sales'], [{ proficiency: 1 }, { proficiency: 5 }]),
  item(null, 'roles', ['value', 'employee'], [{}]),
];
const LISTS = ['phoneNumbers', 'emails', `${G}:externalIds`, `${G}:routingSkills`, 'roles'];

/** One place of one person: what is wanted, what was written, what is there, and how it is owned. */
interface Cell {
  place: Place;
  owned: boolean;
  wanted: ScimValue | null;
  written: ScimValue | null;
  actual: ScimValue | null;
  keep: boolean;
  createOnly: boolean;
  unresolved: boolean;
}

const cellOf = (place: Place): fc.Arbitrary<Cell> => {
  const some = fc.option(fc.constantFrom(...place.pool), { nil: null });
  return fc.record({
    place: fc.constant(place),
    owned: fc.boolean(),
    wanted: some,
    written: some,
    actual: some,
    keep: fc.boolean(),
    createOnly: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    unresolved: fc.integer({ min: 0, max: 3 }).map((n) => n === 0 && place.attribute === 'manager'),
  });
};
const person = fc.record({
  cells: fc.tuple(...PLACES.map(cellOf)),
  ownedLists: fc.subarray(LISTS),
  foreign: fc.boolean(),
});
type Person = typeof person extends fc.Arbitrary<infer T> ? T : never;

const nobody: References = { idOf: () => null, stillThere: () => false };

function desiredOf({ cells, ownedLists }: Pick<Person, 'cells' | 'ownedLists'>): DesiredUser {
  const attributes = cells
    .filter(({ owned }) => owned)
    .map(({ place, wanted, keep, createOnly, unresolved }) => ({
      path: place.path,
      value: unresolved ? null : wanted,
      reference: unresolved ? 'nobody' : null,
      apply: createOnly ? ('createOnly' as const) : ('always' as const),
      onEmpty: keep ? ('keep' as const) : ('clear' as const),
    }));
  const names = { anchor: 'a', directory: 'd', dn: 'CN=a', userName: 'a@x.example', displayName: 'A' };
  return { ...names, active: true, inactiveBecause: null, attributes, ownedLists, dueAt: null };
}

function writtenOf(cells: readonly Cell[]): WrittenValues {
  const written: WrittenValues = {};
  for (const { place, written: value } of cells) if (value !== null) written[place.path] = value;
  return written;
}

/** Builds a user from one column of the cells, with or without what others put beside it. */
function userOf(cells: readonly Cell[], column: 'actual' | 'written', foreign: boolean): ScimUser {
  const user: Tree = { id: 'i', userName: 'z@x.example', active: true };
  if (foreign) {
    user['nickName'] = 'Annie';
    user['name'] = { middleName: 'B' };
    user['phoneNumbers'] = [{ type: 'home', value: '+1' }];
    user['roles'] = [{ value: 'admin' }];
    user[G] = { externalIds: [{ authority: 'x-pc:scimv2:v1', value: 'k1' }], routingLanguages: [{ name: 'en' }] };
  }
  for (const { place, [column]: value } of cells) if (value !== null) put(user, place, value, foreign);
  return user as ScimUser;
}

function put(user: Tree, { schema, attribute, key }: Place, value: ScimValue, foreign: boolean): void {
  const holder = schema === null ? user : ((user[schema] ??= {}) as Tree);
  const old = holder[attribute];
  if (key === null) holder[attribute] = isTree(value) && isTree(old) ? { ...old, ...value } : value;
  else holder[attribute] = [...listAt(holder, attribute), { ...(foreign ? { display: 'x' } : {}), ...(value as Tree) }];
}

function get(user: Tree, { schema, attribute, key }: Place): unknown {
  const holder = ((schema === null ? user : user[schema]) ?? {}) as Tree;
  if (key === null) return holder[attribute] ?? null;
  return listAt(holder, attribute).find((one) => one[key[0]] === key[1]) ?? null;
}

/** A value with everything folded that Genesys Cloud does not tell apart; null where nothing is there. */
function folded({ attribute }: Place, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  let text = JSON.stringify(value);
  if (attribute === 'userName' || attribute === 'emails') text = text.toLowerCase();
  if (attribute === 'phoneNumbers') text = text.replaceAll('tel:', '');
  if (attribute === 'dateHire') text = `${text.slice(0, 11)}"`;
  return JSON.parse(text);
}

/** Whether everything in `part` also is in `whole`. */
function within(place: Place, part: unknown, whole: unknown): boolean {
  const small = folded(place, part);
  const large = folded(place, whole);
  if (!isTree(small) || !isTree(large)) return small === large;
  return Object.entries(small).every(([name, value]) => large[name] === value);
}

/** What stands beside the places of the cells: it must never change. */
function foreignPart(user: Tree): Tree {
  const rest: Tree = { ...user, name: undefined, [E]: { ...asTree(user[E]) }, [G]: { ...asTree(user[G]) } };
  for (const { schema, attribute, key } of PLACES) {
    const holder = schema === null ? rest : (rest[schema] as Tree);
    if (key === null) delete holder[attribute];
    else holder[attribute] = listAt(holder, attribute).filter((one) => one[key[0]] !== key[1]);
  }
  return sorted(rest);
}

function sorted(tree: Tree): Tree {
  const entries = Object.entries(tree).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, isTree(value) ? sorted(value) : value]));
}

const isAbandoned = ({ cells, ownedLists }: Person, { place, owned }: Cell): boolean => {
  const list = place.schema === null ? place.attribute : `${place.schema}:${place.attribute}`;
  const kept = cells.some((other) => other.owned && other.createOnly && other.place.attribute === place.attribute);
  return !owned && place.key !== null && ownedLists.includes(list) && !kept;
};

/** What is wrong with a user afterwards, given what he was before and that drift is restored. */
function faults(who: Person, before: Tree, after: Tree): string[] {
  const wrong = who.cells.filter((cell) => !isRight(who, cell, get(before, cell.place), get(after, cell.place)));
  const foreign = JSON.stringify(foreignPart(before)) === JSON.stringify(foreignPart(after));
  return [...wrong.map(({ place }) => place.path), ...(foreign ? [] : ['what others wrote'])];
}

function isRight(who: Person, cell: Cell, was: unknown, is: unknown): boolean {
  const { place, owned, wanted, written, keep } = cell;
  const decided = owned && !cell.createOnly && !cell.unresolved;
  const extra = (value: unknown): unknown => (isTree(value) ? value['display'] : undefined);
  if (was !== null && is !== null && extra(was) !== extra(is)) return false;
  if (place.attribute === 'name') return isRightName(cell, decided, asTree(was), asTree(is));
  if (decided && wanted !== null) return within(place, wanted, is);
  const ours = written !== null && within(place, written, was);
  if (ours && ((decided && !keep) || isAbandoned(who, cell))) return is === null;
  return JSON.stringify(is) === JSON.stringify(was);
}

/** Of an object each member has its own fate: wanted, ours and wanted no more, or somebody else's. */
function isRightName({ wanted, written, keep }: Cell, decided: boolean, was: Tree, is: Tree): boolean {
  const wish = asTree(wanted);
  const ours = asTree(written);
  // Without a wish the whole value must still be ours; with one each member counts by itself.
  const untouched = wanted !== null || Object.keys(ours).every((name) => ours[name] === was[name]);
  return ['givenName', 'familyName', 'middleName'].every((name) => {
    if (decided && name in wish) return is[name] === wish[name];
    const clears = decided && !keep && untouched && name in ours && ours[name] === was[name];
    return is[name] === (clears ? undefined : was[name]);
  });
}

function asTree(value: unknown): Tree {
  return isTree(value) ? value : {};
}

describe('for any person', () => {
  test('the operations bring what is owned, and nothing else, to where it shall be', () => {
    fc.assert(
      fc.property(person, (who) => {
        const before = userOf(who.cells, 'actual', who.foreign);
        const known = { written: writtenOf(who.cells), actual: before, drift: 'restore' as const };
        const after = applied(before, diffUser(desiredOf(who), known, nobody).operations);
        expect(faults(who, before, after)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('what was written is enough to go by when reality is as written', () => {
    fc.assert(
      fc.property(person, (who) => {
        const before = userOf(who.cells, 'written', who.foreign);
        const known = { written: writtenOf(who.cells), actual: null, drift: 'report' as const };
        const after = applied(before, diffUser(desiredOf(who), known, nobody).operations);
        expect(faults(who, before, after)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('a second comparison finds nothing to do, with and without a look at reality', () => {
    fc.assert(
      fc.property(person, fc.constantFrom<Drift>('report', 'restore', 'respect'), (who, drift) => {
        const desired = desiredOf(who);
        const before = userOf(who.cells, 'actual', who.foreign);
        const written = writtenOf(who.cells);
        const first = diffUser(desired, { written, actual: before, drift }, nobody);
        const actual = applied(before, first.operations);
        const now = writtenAfter(desired, written, nobody);
        expect(diffUser(desired, { written: now, actual, drift }, nobody).operations).toEqual([]);
        expect(diffUser(desired, { written: now, actual: null, drift }, nobody).operations).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('unless drift is restored, nothing is written that was written before', () => {
    fc.assert(
      fc.property(person, fc.constantFrom<Drift>('report', 'respect'), (who, drift) => {
        const written = writtenOf(who.cells);
        const settled = who.cells.map((cell) => ({ ...cell, wanted: cell.written, unresolved: false }));
        const desired = desiredOf({ cells: settled, ownedLists: [] });
        const actual = userOf(who.cells, 'actual', who.foreign);
        const difference = diffUser(desired, { written, actual, drift }, nobody);
        expect(difference.operations).toEqual([]);
        expect(drift === 'report' || difference.drifted.length === 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a user never written is only added to: nothing of him is removed', () => {
    fc.assert(
      fc.property(person, (who) => {
        const actual = userOf(who.cells, 'actual', who.foreign);
        const { operations } = diffUser(desiredOf(who), { written: null, actual, drift: 'restore' }, nobody);
        expect(operations.filter(({ op }) => op === 'remove')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
