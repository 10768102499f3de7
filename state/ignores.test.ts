import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import { nthChange, nthDesired, nthLink, plan, storeLinks } from '../test/support/stored-people.ts';
import type { DesiredRow, State } from './state.ts';

const FAILURE = { code: 'genesys.invalid', message: 'Correct it.', correlationId: null };
const START = Date.parse('2026-11-23T10:00:00.000Z');
const DAY_MS = 86_400_000;
const person = (n: number) => ({
  ...{ anchor: anchorOf(n), userName: `p${n}@example.com`, displayName: `Person ${n}` },
  dn: `CN=Person ${n},OU=Agents,DC=corp,DC=example`,
});
const iso = (ms: number): string => new Date(ms).toISOString();

describe.each(ENGINES)('ignored people on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  let now = START;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    now = START;
    state = await place.open({ now: () => new Date(now) });
  });
  afterAll(() => place.close());

  const word = (days = 30) => ({ until: iso(now + days * DAY_MS), reason: 'ticket 4711', actor: 'ann' });
  const ignored = async (sync = 'corp') => (await state.ignores.list(sync)).map(({ anchor }) => anchor);
  /** A run in which these people's changes are parked. */
  const park = async (runId: string, numbers: number[]) => {
    await plan(
      state,
      runId,
      numbers.map((n) => nthChange(n)),
    );
    for (const seq of numbers.keys()) await state.changes.park({ runId, seq: seq + 1 }, null, FAILURE, null);
    await state.runs.close(runId, { outcome: 'parked', error: null, heldBatch: null });
  };
  const due = async () => {
    const anchors: string[] = [];
    for await (const page of state.parked.anchors('corp')) anchors.push(...page);
    return anchors;
  };

  it('stay so until the given time or a release, in their own sync alone', async () => {
    const said = await state.ignores.ignore('corp', person(1), word(1));
    expect(said).toEqual({ ...person(1), ...word(1), at: iso(START), parkedKind: null });
    await state.ignores.ignore('corp', person(2), word());
    expect(await state.ignores.list('corp')).toMatchObject([said, person(2)]);
    expect(await ignored('other')).toEqual([]);
    expect([...(await state.ignores.byAnchor('corp', [anchorOf(1), anchorOf(3)])).keys()]).toEqual([anchorOf(1)]);
    now += DAY_MS;
    expect(await ignored()).toEqual([anchorOf(2)]);
    expect(await state.ignores.release('other', person(2), { actor: 'bob', reason: null })).toEqual({
      ...{ ignoreEnded: false, due: null },
    });
    expect(await state.ignores.release('corp', person(2), { actor: 'bob', reason: null })).toEqual({
      ...{ ignoreEnded: true, due: null },
    });
    expect(await ignored()).toEqual([]);
    expect((await state.ignores.byAnchor('corp', [anchorOf(2)])).size).toBe(0);
  });

  it('leave a lasting record, in which the last word counts', async () => {
    await state.ignores.ignore('corp', person(1), word(30));
    now += 1_000;
    await state.ignores.ignore('corp', person(1), { ...word(2), reason: 'shorter', actor: 'bob' });
    expect(await state.ignores.list('corp')).toMatchObject([{ until: iso(now + 2 * DAY_MS), reason: 'shorter' }]);
    now += 3 * DAY_MS;
    expect(await state.ignores.release('corp', person(1), { actor: 'cy', reason: 'never mind' })).toEqual({
      ...{ ignoreEnded: false, due: null },
    });
    await state.ignores.ignore('corp', person(1), word());
    await state.ignores.release('corp', person(1), { actor: 'cy', reason: 'done' });
    expect(await state.ignores.history('corp', anchorOf(1))).toMatchObject([
      { action: 'ignore', actor: 'ann', reason: 'ticket 4711', at: iso(START), until: iso(START + 30 * DAY_MS) },
      { action: 'ignore', actor: 'bob', reason: 'shorter' },
      { action: 'ignore', actor: 'ann' },
      { action: 'release', actor: 'cy', reason: 'done', until: null },
    ]);
    expect(await state.ignores.history('corp', anchorOf(2))).toEqual([]);
  });

  it('are not counted as parked nor tried again, and keep their parked change', async () => {
    await park('r1', [1, 2]);
    const { parkedKind } = await state.ignores.ignore('corp', person(1), word());
    expect(parkedKind).toBe('create');
    expect(await state.parked.count('corp')).toBe(1);
    expect(await state.parked.oldest('corp')).toBe(iso(START));
    expect(await due()).toEqual([anchorOf(2)]);
    await state.runs.open(runStart('r2'));
    await state.parked.settle('corp', 'r2', { onlyRead: false });
    expect((await state.parked.list('corp')).map(({ anchor }) => anchor)).toEqual([anchorOf(1)]);
    now += 30 * DAY_MS;
    expect(await state.parked.count('corp')).toBe(1);
    expect(await due()).toEqual([anchorOf(1)]);
  });

  it('are due at once when released, with a clock that begins anew', async () => {
    for (const n of [1, 2, 3, 4]) await park(`r${n}`, [1]);
    await state.ignores.ignore('corp', person(1), word());
    now += 1_000;
    expect(await state.ignores.release('corp', person(1), { actor: 'bob', reason: null })).toEqual({
      ...{ ignoreEnded: true, due: 'create' },
    });
    expect(await state.parked.list('corp')).toMatchObject([{ attempts: 0, nextAttemptAt: iso(now) }]);
    await park('r5', [1]);
    expect(await state.parked.list('corp')).toMatchObject([{ attempts: 1, nextAttemptAt: iso(now + 60_000) }]);
    expect(await state.ignores.release('corp', person(1), { actor: 'bob', reason: null })).toEqual({
      ...{ ignoreEnded: false, due: 'create' },
    });
    expect(await state.parked.list('corp')).toMatchObject([{ attempts: 0, nextAttemptAt: iso(now) }]);
  });

  it('are not settled by a run that found nothing to do about them, so that later deltas see them', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2)]);
    await state.ignores.ignore('corp', person(1), word());
    await state.runs.open(runStart('r1', { mode: 'delta' }));
    await state.staging.begin('r1', 'corp-ad', 1);
    await state.staging.add('r1', 'corp-ad', 1, [1, 2].map(entryOf));
    await state.staging.complete('r1', 'corp-ad', 1, { read: 2, inScope: 2, referrals: [] });
    const prints = [1, 2].map((n) => ({ anchor: anchorOf(n), directory: 'corp-ad', fingerprint: `print ${n}` }));
    await state.staging.setFingerprints('r1', prints);
    const row = (n: number): DesiredRow => ({
      ...{ anchor: anchorOf(n), directory: 'corp-ad', dn: person(n).dn, desired: nthDesired(n) },
      ...{ problems: [], disabledBecause: null },
    });
    await state.desired.add('r1', [1, 2].map(row));
    await state.links.settle('corp', 'r1');
    const outdated: string[] = [];
    for await (const page of state.staging.outdated('r1', 'corp', 'corp-ad', iso(now))) outdated.push(...page);
    expect(outdated).toEqual([anchorOf(1)]);
  });
});

const entryOf = (n: number) => ({
  ...{ directory: 'corp-ad', vendor: 'ad' as const, anchor: anchorOf(n), dn: person(n).dn, stamp: '1' },
  ...{ dnKey: person(n).dn.toLowerCase(), stampScope: '', enabled: true, disabledBecause: null, dueAt: null },
  attributes: {},
});
