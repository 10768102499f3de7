import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChangeKind } from '../model/change.ts';
import { assignWaves } from './waves.ts';
import type { LightChange } from './waves.ts';

const row = (anchor: string, references: string[] = [], kind: ChangeKind = 'create'): LightChange => {
  return { anchor, kind, references, genesysId: null, awaits: null, frees: false };
};
const wavesOf = (...rows: LightChange[]): Record<string, number> => Object.fromEntries(assignWaves(rows).waves);

describe('managers come before their reports', () => {
  test('among creates, whatever the order given', () => {
    expect(wavesOf(row('c', ['b']), row('a'), row('b', ['a']), row('d', ['a']))).toEqual({ a: 0, b: 1, c: 2, d: 1 });
  });

  test('among reactivations as well', () => {
    expect(wavesOf(row('a', [], 'reactivate'), row('b', ['a']), row('c', ['b'], 'reactivate'))).toEqual({
      a: 0,
      b: 1,
      c: 2,
    });
  });

  test('an update waits for the create of whom it points to, but nobody waits for an update', () => {
    expect(wavesOf(row('u', ['b'], 'update'), row('b', ['a']), row('a'), row('c', ['u']))).toEqual({
      a: 0,
      b: 1,
      c: 0,
      u: 2,
    });
  });

  test('managers who do not arrive in this plan do not count', () => {
    expect(wavesOf(row('a', ['elsewhere']), row('u', ['elsewhere'], 'update'))).toEqual({ a: 0, u: 0 });
  });

  test('deactivations are in the first wave', () => {
    expect(wavesOf(row('a'), row('b', ['a']), row('x', ['b'], 'deactivate'))).toMatchObject({ x: 0 });
  });

  test('of several references the last to arrive counts', () => {
    expect(wavesOf(row('a'), row('b', ['a']), row('c', ['a', 'b', 'a']))).toEqual({ a: 0, b: 1, c: 2 });
  });
});

describe('a cycle', () => {
  test('is cut at its lowest anchor, who is updated after his manager has come', () => {
    const plan = assignWaves([row('c', ['b']), row('b', ['a']), row('a', ['c']), row('d', ['c'])]);
    expect(plan.cut).toEqual(['a']);
    expect(Object.fromEntries(plan.waves)).toEqual({ a: 0, b: 1, c: 2, d: 3 });
    expect(Object.fromEntries(plan.later)).toEqual({ a: 3 });
  });

  test('with the later update among the changes puts that one last', () => {
    const plan = assignWaves([row('a'), row('a', ['c'], 'update'), row('b', ['a']), row('c', ['b'])]);
    expect(plan.cut).toEqual([]);
    expect(Object.fromEntries(plan.waves)).toEqual({ a: 0, b: 1, c: 2 });
    expect(Object.fromEntries(plan.later)).toEqual({ a: 3 });
  });

  test('starts at once with him who was cut, whoever else he points to', () => {
    const plan = assignWaves([row('a', ['m', 'b']), row('b', ['a']), row('m')]);
    expect(Object.fromEntries(plan.waves)).toEqual({ m: 0, a: 0, b: 1 });
    expect(Object.fromEntries(plan.later)).toEqual({ a: 2 });
  });

  test('of one is none', () => {
    expect(assignWaves([row('a', ['a'])])).toMatchObject({ cut: [] });
  });

  test('each is cut once', () => {
    const plan = assignWaves([row('b', ['a']), row('a', ['b']), row('z', ['y']), row('y', ['z']), row('q', ['z'])]);
    expect(plan.cut).toEqual(['a', 'y']);
  });
});

test('a chain of 10,000 managers and 100,000 reports does not overflow the stack', () => {
  const name = (index: number): string => String(index).padStart(6, '0');
  const chain = Array.from({ length: 10_000 }, (_, index) => row(name(index), [name(index + 1)]));
  const reports = Array.from({ length: 100_000 }, (_, index) => row(name(index + 20_000), [name(index % 10_000)]));
  const plan = assignWaves([...chain, ...reports]);
  expect(plan.waves.get(name(9_999))).toBe(0);
  expect(plan.waves.get(name(0))).toBe(9_999);
  expect(plan.waves.get(name(20_000))).toBe(10_000);
});

test('a cycle of 10,000 is cut once', () => {
  const size = 10_000;
  const rows = Array.from({ length: size }, (_, index) => row(`p${index}`, [`p${(index + 1) % size}`]));
  const plan = assignWaves(rows);
  expect(plan.cut).toEqual(['p0']);
  expect(plan.later.get('p0')).toBe(size);
  expect(plan.waves.get('p1')).toBe(size - 1);
});

const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(
    fc.record({
      kind: fc.constantFrom<ChangeKind>('create', 'create', 'reactivate', 'update', 'deactivate'),
      references: fc.array(fc.nat(size), { maxLength: 2 }),
    }),
    { minLength: size, maxLength: size },
  ),
);

test('in any plan everybody comes after those he points to, unless he was cut', () => {
  fc.assert(
    fc.property(graph, (people) => {
      const rows = people.map(({ kind, references }, index) =>
        row(
          `p${index}`,
          references.map((other) => `p${other}`),
          kind,
        ),
      );
      const { waves, cut, later } = assignWaves(rows);
      const arrives = new Set(rows.filter(({ kind }) => /create|reactivate/.test(kind)).map(({ anchor }) => anchor));
      expect([...waves.keys()].sort()).toEqual(rows.map(({ anchor }) => anchor).sort());
      const late = rows
        .filter(({ kind }) => kind !== 'deactivate')
        .filter(({ anchor, references }) => {
          const wave = (cut.includes(anchor) ? later : waves).get(anchor) ?? -1;
          const before = references.filter((other) => other !== anchor && arrives.has(other));
          return !before.every((other) => wave > (waves.get(other) ?? Infinity));
        });
      expect(late).toEqual([]);
      expect(cut.every((anchor) => arrives.has(anchor))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
