import { describe, expect, test } from 'vitest';
import { CHANGE_KINDS } from '../model/change.ts';
import type { ChangeKind } from '../model/change.ts';
import type { SafetySettings } from '../model/settings.ts';
import { guard } from './guard.ts';
import type { GuardInput, GuardVerdict } from './guard.ts';

const DAY = 86_400_000;
const safety: SafetySettings = {
  firstRun: 'hold',
  deactivations: { max: 50, percent: 5, floor: 5, windowMs: DAY },
  recycles: { max: 5, windowMs: DAY },
  creates: { max: 500, percent: 20, floor: 25 },
  updates: { max: 500, percent: 20, floor: 25 },
  approvalTimeoutMs: DAY,
  minimumEntries: 1,
  maximumDropPercent: 50,
  canaries: [],
  graceMs: 0,
};

function judge(planned: Partial<Record<ChangeKind, number>>, more: Partial<GuardInput> = {}): GuardVerdict {
  const none = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  return guard({
    planned: { ...none, ...planned },
    activeLinks: 100,
    anyLink: true,
    appliedInWindow: { deactivations: 0, recycles: 0 },
    safety,
    ...more,
  });
}

const passes: GuardVerdict = { hold: [], reasons: [] };

describe('deactivations', () => {
  test('over the percentage all of them wait, with number, limit and its name', () => {
    expect(judge({ deactivate: 12 })).toEqual({
      hold: ['deactivate'],
      reasons: ['12 deactivations are more than safety.deactivations.percent (5 % of 100 active links)'],
    });
  });

  test('over the number they wait whatever the percentage says', () => {
    expect(judge({ deactivate: 51 }, { activeLinks: 100_000 })).toEqual({
      hold: ['deactivate'],
      reasons: ['51 deactivations are more than safety.deactivations.max (50)'],
    });
  });

  test('over both limits both are told', () => {
    expect(judge({ deactivate: 60 }).reasons).toHaveLength(2);
  });

  test.each([
    ['exactly the percentage', 10, 200],
    ['exactly the number', 50, 100_000],
    ['up to the floor, of however few', 5, 6],
    ['none', 0, 0],
  ])('%s passes', (_what, deactivate, activeLinks) => {
    expect(judge({ deactivate, update: 1 }, { activeLinks })).toEqual(passes);
  });

  test('what was applied in the window counts, so that a slow drip does not pass', () => {
    const more = { activeLinks: 1000, appliedInWindow: { deactivations: 45, recycles: 0 } };
    expect(judge({ deactivate: 5 }, more)).toEqual(passes);
    expect(judge({ deactivate: 6 }, more)).toEqual({
      hold: ['deactivate'],
      reasons: [
        '51 deactivations (6 planned, 45 applied in the last 24 h) are more than safety.deactivations.max (50)',
        '51 deactivations (6 planned, 45 applied in the last 24 h) are more than safety.deactivations.percent (5 % of 1000 active links)',
      ],
    });
  });

  test('the floor is for the window too', () => {
    const applied = (deactivations: number): Partial<GuardInput> => ({
      activeLinks: 10,
      appliedInWindow: { deactivations, recycles: 0 },
    });
    expect(judge({ deactivate: 1 }, applied(4))).toEqual(passes);
    expect(judge({ deactivate: 1 }, applied(5)).hold).toEqual(['deactivate']);
  });

  test('a window used up holds nothing when nothing is planned', () => {
    expect(judge({ update: 1 }, { appliedInWindow: { deactivations: 500, recycles: 0 } })).toEqual(passes);
  });

  test('a limit of one person speaks of one person', () => {
    const strict = { ...safety, deactivations: { max: 0, percent: null, floor: 0, windowMs: DAY } };
    expect(judge({ deactivate: 1 }, { safety: strict }).reasons).toEqual([
      '1 deactivation is more than safety.deactivations.max (0)',
    ]);
  });
});

describe('creates and updates', () => {
  test('reactivations count and wait with creates', () => {
    expect(judge({ create: 13, reactivate: 13 })).toEqual({
      hold: ['create', 'reactivate'],
      reasons: ['26 creates are more than safety.creates.percent (20 % of 100 active links)'],
    });
    expect(judge({ create: 13, reactivate: 12 })).toEqual(passes);
  });

  test('adoptions count and wait with updates', () => {
    expect(judge({ update: 20, adopt: 6 }).hold).toEqual(['update', 'adopt']);
  });

  test('one kind over its limit does not hold another', () => {
    expect(judge({ create: 3, update: 3, deactivate: 12 }).hold).toEqual(['deactivate']);
  });

  test('what was deactivated in the window does not count for others', () => {
    expect(judge({ create: 25 }, { appliedInWindow: { deactivations: 100, recycles: 100 } })).toEqual(passes);
  });
});

test('recycles and rebinds have a number in a window, and no floor', () => {
  expect(judge({ recycle: 3, rebind: 2 })).toEqual(passes);
  const more = { appliedInWindow: { deactivations: 0, recycles: 5 } };
  expect(judge({ rebind: 1 }, more)).toEqual({
    hold: ['recycle', 'rebind'],
    reasons: ['6 recycles (1 planned, 5 applied in the last 24 h) are more than safety.recycles.max (5)'],
  });
});

describe('while no link exists', () => {
  const first = { anyLink: false, activeLinks: 0 };
  test('the whole plan waits', () => {
    expect(judge({ create: 2 }, first)).toEqual({
      hold: 'all',
      reasons: ['2 changes wait because no user is linked yet (safety.firstRun is hold)'],
    });
  });

  test('an empty plan waits for nobody', () => {
    expect(judge({}, first)).toEqual(passes);
  });

  test('it goes ahead unlimited where the operator said so', () => {
    expect(judge({ create: 100_000 }, { ...first, safety: { ...safety, firstRun: 'apply' } })).toEqual(passes);
  });

  test('inactive links are links: the second run has limits', () => {
    const apply = { ...safety, firstRun: 'apply' as const };
    expect(judge({ create: 26 }, { anyLink: true, activeLinks: 0, safety: apply }).hold).toEqual([
      'create',
      'reactivate',
    ]);
  });
});

test.each([
  [333, 33.3, 1000],
  [29, 2.9, 1000],
  [57, 0.57, 10_000],
])('%i is not more than %f %% of %i', (update, percent, activeLinks) => {
  const exact = { ...safety, updates: { max: 100_000, percent, floor: 0 } };
  expect(judge({ update }, { activeLinks, safety: exact })).toEqual(passes);
  expect(judge({ update: update + 1 }, { activeLinks, safety: exact }).hold).toEqual(['update', 'adopt']);
});
