import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../model/candidate.ts';
import type { Entry } from '../model/entry.ts';
import type { DesiredUser, ScimUser } from '../model/user.ts';
import { nthChange, nthDesired, nthLink, storeLinks } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import { hashDesired } from './hash.ts';
import type { DesiredRow, State } from './state.ts';

const PROBLEM = { attribute: 'userName', problem: 'is missing' };

function rowOf(n: number, desired: DesiredUser | null = nthDesired(n)): DesiredRow {
  const problems = desired === null ? [PROBLEM] : [];
  return { anchor: anchorOf(n), directory: 'corp-ad', dn: `CN=Person ${n}`, desired, problems, disabledBecause: null };
}

/** The third person as a sweep sees him. */
const SEEN: Entry = {
  vendor: 'ad',
  anchor: anchorOf(3),
  directory: 'corp-ad',
  dn: 'CN=Person 3',
  dnKey: 'cn=person 3',
  stamp: '1',
  stampScope: '',
  enabled: true,
  disabledBecause: null,
  dueAt: null,
  attributes: {},
};

/** A link that agrees with what is desired. */
const settled = (n: number, more: Parameters<typeof nthLink>[1] = {}) =>
  nthLink(n, { writtenHash: hashDesired(nthDesired(n)), version: '5', ...more });

const listed = (n: number, version: string): ScimUser => ({
  id: `g${n}`,
  userName: `P${n}@example.com`,
  active: true,
  displayName: `Person ${n}`,
  meta: { version },
});

async function collect(pages: AsyncGenerator<Candidate[]>): Promise<Candidate[]> {
  const all: Candidate[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

describe.each(ENGINES)('candidates on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  async function want(rows: DesiredRow[], inventory: ScimUser[] | null = null): Promise<void> {
    await state.runs.open(runStart('r1'));
    await state.desired.begin('r1');
    await state.desired.add('r1', rows);
    if (inventory === null) return;
    await state.inventory.begin('r1');
    await state.inventory.add('r1', inventory);
    await state.inventory.complete('r1');
  }
  const selected = (options: Partial<Parameters<State['desired']['candidates']>[2]> = {}) =>
    collect(state.desired.candidates('r1', 'corp', { absent: false, directories: ['corp-ad'], ...options }));
  const anchors = (candidates: Candidate[]) => candidates.map((candidate) => candidate.anchor);

  it('are newcomers who may work, and invalid entries, but not disabled people without a link', async () => {
    await want([rowOf(1), rowOf(2, nthDesired(2, { active: false })), rowOf(3, null)]);
    expect(await selected()).toEqual([
      {
        anchor: anchorOf(1),
        desired: nthDesired(1),
        hash: hashDesired(nthDesired(1)),
        present: true,
        directory: 'corp-ad',
        dn: 'CN=Person 1',
        problems: [],
        disabledBecause: null,
        link: null,
        actual: null,
        deleted: false,
      },
      {
        anchor: anchorOf(3),
        desired: null,
        hash: null,
        present: true,
        directory: 'corp-ad',
        dn: 'CN=Person 3',
        problems: [PROBLEM],
        disabledBecause: null,
        link: null,
        actual: null,
        deleted: false,
      },
    ]);
    expect(await state.desired.unchanged('r1', 'corp')).toBe(0);
  });

  it('are linked people with another hash or another lifecycle state, and never those inactive on both sides', async () => {
    const off = { active: false };
    await storeLinks(state, [
      settled(1),
      settled(2, { writtenHash: 'older' }),
      settled(3),
      settled(4, off),
      settled(5, { ...off, writtenHash: 'older' }),
      settled(6, off),
    ]);
    await want([
      rowOf(1),
      rowOf(2),
      rowOf(3, nthDesired(3, off)),
      rowOf(4),
      rowOf(5, nthDesired(5, off)),
      rowOf(6, null),
    ]);
    const candidates = await selected();
    expect(anchors(candidates)).toEqual([2, 3, 4, 6].map(anchorOf));
    expect(candidates[0]?.link).toEqual(settled(2, { writtenHash: 'older' }));
    expect(await state.desired.unchanged('r1', 'corp')).toBe(2);
  });

  it('are people whom somebody else changed in Genesys, or whom a whole listing lacks', async () => {
    await storeLinks(state, [settled(1), settled(2), settled(3, { version: null }), settled(4)]);
    await want([rowOf(1), rowOf(2), rowOf(3), rowOf(4)], [listed(1, '5'), listed(2, '6'), listed(3, '1')]);
    const candidates = await selected();
    expect(anchors(candidates)).toEqual([2, 3, 4].map(anchorOf));
    expect(candidates.map(({ actual }) => actual)).toEqual([listed(2, '6'), listed(3, '1'), null]);
    expect(await state.desired.unchanged('r1', 'corp')).toBe(1);
  });

  it('are those besides whom the caller looks for, out of the people that the run is about', async () => {
    await storeLinks(
      state,
      [1, 2, 3, 4].map((n) => settled(n)),
    );
    await want([rowOf(1), rowOf(2), rowOf(3), rowOf(4, nthDesired(4, { displayName: 'Another' }))]);
    const looked = new Set([2, 3, 4].map(anchorOf));
    expect(anchors(await selected({ looked }))).toEqual([anchorOf(4)]);
    expect(anchors(await selected({ looked, anchors: [1, 2].map(anchorOf) }))).toEqual([anchorOf(2)]);
    expect(await state.desired.unchanged('r1', 'corp')).toBe(3);
    expect(await state.desired.unchanged('r1', 'corp', { looked })).toBe(1);
  });

  it('are not found by a listing of Genesys that was cut short', async () => {
    await storeLinks(state, [settled(1)]);
    await want([rowOf(1)], null);
    await state.inventory.begin('r1');
    await state.inventory.add('r1', [listed(1, '6')]);
    expect(await selected()).toEqual([]);
  });

  it('are absent people only when asked for, of these directories, and active', async () => {
    await storeLinks(state, [
      settled(1),
      settled(2, { active: false }),
      settled(3, { directory: 'branch' }),
      settled(4),
    ]);
    await storeLinks(state, [settled(9)], 'other');
    await want([rowOf(4, null)]);
    expect(anchors(await selected())).toEqual([anchorOf(4)]);
    const [invalid, gone, ...rest] = await selected({ absent: true });
    expect([invalid?.present, rest]).toEqual([true, []]);
    expect(gone).toMatchObject({ anchor: anchorOf(1), present: false, desired: null, hash: null, link: settled(1) });
    expect(anchors(await selected({ absent: true, directories: [] }))).toEqual([anchorOf(4)]);
    const both = await selected({ absent: true, directories: ['corp-ad', 'branch'] });
    expect(anchors(both)).toEqual([4, 1, 3].map(anchorOf));
  });

  it('are never absent while the directory read has them, mapped or not', async () => {
    await storeLinks(state, [settled(1)]);
    await want([]);
    await state.staging.begin('r1', 'corp-ad', 1);
    const entry = { directory: 'corp-ad', vendor: 'ad', anchor: anchorOf(1), dn: 'CN=1', dnKey: 'cn=1' } as const;
    const rest = { stamp: '1', stampScope: '', enabled: true, disabledBecause: null, dueAt: null, attributes: {} };
    await state.staging.add('r1', 'corp-ad', 1, [{ ...entry, ...rest }]);
    await state.staging.complete('r1', 'corp-ad', 1, { read: 1, inScope: 1, referrals: [] });
    expect(await selected({ absent: true })).toEqual([]);
  });

  it('are limited to the anchors asked for, present and absent', async () => {
    await storeLinks(state, [settled(1), settled(2)]);
    await want([rowOf(3), rowOf(4)]);
    const asked = [4, 1, 8].map(anchorOf);
    expect(anchors(await selected({ absent: true, anchors: asked }))).toEqual([4, 1].map(anchorOf));
    expect(await selected({ absent: true, anchors: [] })).toEqual([]);
  });

  it('come in pages, each person once, while the caller writes', async () => {
    await want(Array.from({ length: 5_203 }, (_, n) => rowOf(n)));
    const seen: string[] = [];
    for await (const page of state.desired.candidates('r1', 'corp', {
      absent: true,
      directories: ['corp-ad'],
      size: 1_000,
    })) {
      expect(page.length).toBeLessThanOrEqual(1_000);
      seen.push(...anchors(page));
      await state.runs.setUnchanged('r1', seen.length);
    }
    expect(seen).toEqual(Array.from({ length: 5_203 }, (_, n) => anchorOf(n)));
  });

  it('and the unchanged make up everybody with a link, whatever the states', async () => {
    const person = fc.record({
      link: fc.constantFrom('none', 'active', 'inactive'),
      desired: fc.constantFrom('active', 'inactive', 'invalid', 'absent'),
      sameHash: fc.boolean(),
      version: fc.constantFrom(null, '5', '6'),
    });
    const people = fc.sample(person, { numRuns: 60, seed: 7 });
    const links = people.flatMap(({ link, sameHash }, n) =>
      link === 'none' ? [] : [settled(n, { active: link === 'active', ...(sameHash ? {} : { writtenHash: 'older' }) })],
    );
    await storeLinks(state, links);
    const rows = people.flatMap(({ desired }, n) => {
      if (desired === 'absent') return [];
      return [rowOf(n, desired === 'invalid' ? null : nthDesired(n, { active: desired === 'active' }))];
    });
    await want(
      rows,
      people.flatMap(({ version }, n) => (version === null ? [] : [listed(n, version)])),
    );
    const expected = people.map(({ link, desired, sameHash, version }) => {
      if (desired === 'invalid') return 'candidate';
      if (desired === 'absent') return link === 'active' ? 'candidate' : 'nobody';
      if (link === 'none') return desired === 'active' ? 'candidate' : 'nobody';
      if (link !== desired) return 'candidate';
      return desired === 'inactive' || (sameHash && version !== '6') ? 'unchanged' : 'candidate';
    });
    const candidates = people.flatMap((_, n) => (expected[n] === 'candidate' ? [anchorOf(n)] : []));
    expect(anchors(await selected({ absent: true })).sort()).toEqual(candidates);
    expect(await state.desired.unchanged('r1', 'corp')).toBe(expected.filter((what) => what === 'unchanged').length);
  });

  it('replace each other when a page is added twice', async () => {
    await want([rowOf(1, null), rowOf(1)]);
    await state.desired.add('r1', [rowOf(1, nthDesired(1, { displayName: 'Ann Miller' }))]);
    expect(await state.desired.get('r1', anchorOf(1))).toEqual(nthDesired(1, { displayName: 'Ann Miller' }));
    expect(await selected()).toHaveLength(1);
    await state.desired.begin('r1');
    expect(await state.desired.get('r1', anchorOf(1))).toBeNull();
  });

  it('see every holder of a login, whatever its case', async () => {
    await storeLinks(state, [settled(1), settled(2, { active: false })]);
    await storeLinks(state, [settled(8, { userName: 'P1@example.com' })], 'other');
    await want(
      [
        rowOf(1),
        rowOf(3, nthDesired(3, { userName: 'p1@example.com' })),
        rowOf(4, null),
        rowOf(2, nthDesired(2, { active: false })),
      ],
      [listed(1, '5'), listed(7, '1'), { ...listed(6, '1'), active: false, userName: 'p2@EXAMPLE.com' }],
    );
    const holders = await state.desired.holders('r1', 'corp', ['p1@example.com', 'P2@example.com', 'p9@example.com']);
    expect([...holders.keys()].sort()).toEqual(['p1@example.com', 'p2@example.com']);
    const person = (n: number) => ({ displayName: `Person ${n}`, active: true });
    expect(holders.get('p1@example.com')).toMatchObject([
      { via: 'desired', anchor: anchorOf(1), genesysId: 'g1', ...person(1) },
      { via: 'desired', anchor: anchorOf(3), genesysId: null, ...person(3) },
      { via: 'link', anchor: anchorOf(1), genesysId: 'g1', ...person(1) },
    ]);
    expect(holders.get('p2@example.com')).toMatchObject([
      { via: 'link', anchor: anchorOf(2), genesysId: 'g2', ...person(2), active: false },
      { via: 'inventory', anchor: null, genesysId: 'g6', ...person(6), active: false },
    ]);
  });

  it.each([
    ['provision', true, 'stays as parked', [3]],
    ['provision', false, 'stays as parked', [3]],
    ['delta', true, 'has been seen', [3]],
    ['delta', false, 'is not there any more', []],
    ['full', false, 'is not there any more', []],
  ] as const)('a %s run (seen: %s) knows who waits for a login and %s', async (mode, seen, _, expected) => {
    await state.runs.open(runStart('r0'));
    const parked = { code: 'identity.login-taken', message: 'Two want it.' };
    const waits = nthChange(3, { desired: nthDesired(3, { userName: 'P1@example.com' }), parked });
    await state.changes.add('r0', 'corp', [{ ...waits, userName: 'P1@example.com' }]);
    await state.runs.close('r0', { outcome: 'parked', error: null, heldBatch: null });
    await state.runs.open(runStart('r2', { mode }));
    await state.staging.begin('r2', 'corp-ad', 1);
    if (seen) await state.staging.add('r2', 'corp-ad', 1, [SEEN], { swept: true });
    await state.staging.complete('r2', 'corp-ad', 1, { read: 1, inScope: 1, referrals: [] });
    await state.desired.begin('r2');
    await state.desired.add('r2', [rowOf(1)]);
    const holders = (await state.desired.holders('r2', 'corp', ['p1@example.com'])).get('p1@example.com') ?? [];
    const others = holders.filter(({ anchor }) => anchor !== anchorOf(1));
    expect(others.map(({ via, anchor }) => `${via} ${anchor}`)).toEqual(expected.map((n) => `desired ${anchorOf(n)}`));

    await state.desired.add('r2', [rowOf(3, nthDesired(3, { userName: 'other@example.com' }))]);
    const later = (await state.desired.holders('r2', 'corp', ['p1@example.com'])).get('p1@example.com') ?? [];
    expect(later.filter(({ anchor }) => anchor === anchorOf(3))).toEqual([]);
  });
});
