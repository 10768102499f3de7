import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChangeKind } from '../model/change.ts';
import { changeOf, desiredUser } from '../test/support/people.ts';
import { heldWith, unmet } from './hand-overs.ts';
import { moveAside } from './split-change.ts';
import { assignWaves, type LightChange } from './waves.ts';

/** Somebody whose user has that name, who gives his login away, and who takes that of another. */
const hand = (anchor: string, awaits: string | null, more: Partial<LightChange> = {}): LightChange => {
  return { anchor, kind: 'update', references: [], genesysId: anchor, awaits, frees: true, ...more };
};
const newcomer = (anchor: string, awaits: string | null, references: string[] = []): LightChange =>
  hand(anchor, awaits, { kind: 'create', genesysId: null, frees: false, references });
const planOf = (...rows: LightChange[]) => {
  const { waves, moved, blocked, cut, later } = assignWaves(rows);
  return { waves: Object.fromEntries(waves), moved, blocked, cut, later: Object.fromEntries(later) };
};

describe('the order of hand-overs', () => {
  test('has a chain from its free end, whoever stands at the other one', () => {
    for (const kind of ['create', 'reactivate', 'adopt', 'update'] as const) {
      const last = hand('z', 'b', { kind, frees: false });
      expect(planOf(last, hand('b', 'a'), hand('a', null))).toMatchObject({ waves: { a: 0, b: 1, z: 2 }, moved: [] });
    }
  });

  test('cuts a swap, and a circle of three, at the lowest anchor', () => {
    expect(planOf(hand('b', 'a'), hand('a', 'b'))).toMatchObject({ waves: { b: 1, a: 2 }, moved: ['a'] });
    expect(planOf(hand('c', 'b'), hand('b', 'a'), hand('a', 'c'))).toMatchObject({
      waves: { b: 1, c: 2, a: 3 },
      moved: ['a'],
    });
  });

  test('cuts a circle with one who returns at somebody who is there', () => {
    const back = hand('a', 'b', { kind: 'reactivate' });
    expect(planOf(back, hand('b', 'a'))).toMatchObject({ waves: { a: 1, b: 2 }, moved: ['b'], blocked: [] });
  });

  test('gives up on a circle of nothing but people who return', () => {
    const back = (anchor: string, awaits: string) => hand(anchor, awaits, { kind: 'reactivate' });
    expect(planOf(back('a', 'b'), back('b', 'a'))).toMatchObject({ moved: [], blocked: ['a'] });
  });

  test('goes with managers: a newcomer who takes the login of his own report comes first', () => {
    const report = hand('a', null, { references: ['z'] });
    expect(planOf(newcomer('z', 'a'), report)).toMatchObject({ waves: { z: 1, a: 2 }, moved: ['a'], cut: [] });
    expect(planOf(newcomer('y', 'b', ['z']), hand('b', null), newcomer('z', null, ['y']))).toMatchObject({
      waves: { b: 0, y: 1, z: 2 },
      cut: ['y'],
      later: { y: 3 },
    });
  });
});

describe('people who wait for a login that does not become free', () => {
  test('are named, and so is whoever waits for theirs', () => {
    const rows = [hand('a', 'gone'), hand('b', 'a'), newcomer('z', 'b'), hand('c', null), newcomer('y', 'c')];
    expect(unmet(rows)).toEqual(['a', 'b', 'z']);
    expect(unmet([hand('a', 'b'), hand('b', 'a')])).toEqual([]);
    expect(unmet([newcomer('z', 'a'), hand('a', null, { frees: false })])).toEqual(['z']);
  });

  test('wait together with those who are held, all that is planned for them', () => {
    const held = hand('a', null);
    const [early, late] = [hand('b', null), hand('b', 'a')];
    expect(heldWith([held, early, late, newcomer('z', 'b'), newcomer('y', null)], [held])).toEqual(['b', 'z']);
    expect(heldWith([held], [held])).toEqual([]);
  });

  test('keep whoever is retired for them alone in use meanwhile', () => {
    const retired = hand('old', null, { kind: 'recycle' });
    const taker = hand('a', 'old');
    expect(heldWith([retired, taker], [taker])).toEqual(['old']);
    expect(heldWith([retired, taker], [retired])).toEqual(['a']);
    expect(heldWith([retired, taker, hand('b', 'c'), hand('c', null)], [hand('x', null)])).toEqual([]);
  });
});

test('somebody is retired before his login is given to who has a user already', () => {
  expect(planOf(hand('a', 'old'), hand('old', null, { kind: 'recycle' }))).toMatchObject({ waves: { old: 0, a: 1 } });
});

/**
 * Random people: the first `users` have a login each, everybody wants the login of that number, and some have a manager.
 * Wanted logins are different ones, as the table of holders makes sure.
 */
const crowd = fc.integer({ min: 1, max: 9 }).chain((size) =>
  fc.record({
    users: fc.integer({ min: 0, max: size }),
    wanted: fc.shuffledSubarray(
      Array.from({ length: size + 3 }, (_, index) => index),
      { minLength: size, maxLength: size },
    ),
    kinds: fc.array(fc.constantFrom<ChangeKind>('update', 'update', 'update', 'reactivate', 'adopt'), {
      minLength: size,
      maxLength: size,
    }),
    managers: fc.array(fc.option(fc.nat(size - 1)), { minLength: size, maxLength: size }),
    broken: fc.option(fc.nat(size - 1), { freq: 3 }),
  }),
);

test('in whatever order hand-overs come, no write ever meets a taken login', () => {
  let swaps = 0;
  fc.assert(
    fc.property(crowd, ({ users, wanted, kinds, managers, broken }) => {
      const rows = wanted.flatMap((login, index): LightChange[] => {
        const isUser = index < users;
        if (isUser && (login === index || index === broken)) return [];
        const references = managers[index] === null ? [] : [`p${managers[index]}`];
        const awaits = login < users && login !== index ? `p${login}` : null;
        const kind = isUser ? (kinds[index] ?? 'update') : 'create';
        return [
          { anchor: `p${index}`, kind, references, genesysId: isUser ? `p${index}` : null, awaits, frees: isUser },
        ];
      });
      let light = rows;
      let plan = assignWaves(light);
      for (let out = new Set(unmet(light)); out.size > 0 || plan.blocked.length > 0; out = new Set(unmet(light))) {
        for (const anchor of plan.blocked) out.add(anchor);
        light = light.filter(({ anchor }) => !out.has(anchor));
        plan = assignWaves(light);
      }
      swaps += plan.moved.length;
      const logins = new Map(Array.from({ length: users }, (_, index) => [`login${index}`, `p${index}`]));
      const writes = light.flatMap(({ anchor }) => {
        const final = { anchor, wave: plan.waves.get(anchor) ?? -1, login: `login${wanted[Number(anchor.slice(1))]}` };
        return plan.moved.includes(anchor) ? [{ anchor, wave: 0, login: `moving-${anchor}` }, final] : [final];
      });
      for (let wave = 0; wave <= Math.max(0, ...writes.map((write) => write.wave)); wave += 1) {
        const now = writes.filter((write) => write.wave === wave);
        // Within a wave any order may come: a login has to be free before the wave begins.
        for (const { anchor, login } of now) expect([undefined, anchor]).toContain(logins.get(login));
        for (const { anchor } of now) for (const [login, owner] of logins) if (owner === anchor) logins.delete(login);
        for (const { anchor, login } of now) logins.set(login, anchor);
      }
      expect(writes.every(({ wave }) => wave >= 0)).toBe(true);
      const settled = light.filter(({ anchor }) => logins.get(`login${wanted[Number(anchor.slice(1))]}`) !== anchor);
      expect(settled).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  expect(swaps).toBeGreaterThan(50);
});

test('a chain of 20,000 logins does not overflow the stack', () => {
  const size = 20_000;
  const rows = Array.from({ length: size }, (_, index) => hand(`p${index}`, index === 0 ? null : `p${index - 1}`));
  expect(assignWaves(rows).waves.get(`p${size - 1}`)).toBe(size - 1);
  expect(unmet([...rows, newcomer('z', 'nobody')])).toEqual(['z']);
});

test('of a moved user the temporary login is written by the part that waits for nobody', () => {
  const change = changeOf({
    kind: 'update',
    genesysId: 'a',
    desired: desiredUser(),
    operations: [],
    awaits: { genesysId: 'b', displayName: 'B' },
  });
  expect(moveAside(change, 'moving-a@example.com').aside.awaits).toBeUndefined();
});
