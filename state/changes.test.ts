import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeKind } from '../model/change.ts';
import { desiredUser, manager, owned } from '../test/support/people.ts';
import { nthChange, nthDesired, plan, REQUEST } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

const FAILURE = { code: 'identity.invalid-entry', message: 'userName is missing' };

describe.each(ENGINES)('the plan on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  const order = async (runId: string, count: number) => {
    const rows = await Promise.all(Array.from({ length: count }, (_, n) => state.changes.get(runId, n + 1)));
    return rows.map((row) =>
      row === null ? null : `${row.wave} ${row.change.kind} ${row.change.userName[1]} ${row.status}`,
    );
  };

  it('is carried out by wave, kind and anchor, with what is not planned behind it', async () => {
    await state.runs.open(runStart('r1'));
    await state.changes.begin('r1');
    await state.changes.add('r1', 'corp', [nthChange(3), nthChange(2, { parked: FAILURE }), nthChange(1)]);
    await state.changes.add('r1', 'corp', [nthChange(4, { kind: 'update' }), nthChange(5, { kind: 'update' })]);
    await state.changes.addHeld('r1', 'corp', [nthChange(6, { kind: 'deactivate' })]);
    await state.changes.setWaves('r1', [
      { anchor: anchorOf(1), kind: 'create', wave: 1 },
      { anchor: anchorOf(5), kind: 'update', wave: 1 },
      { anchor: anchorOf(3), kind: 'update', wave: 9 },
    ]);
    const expected = [
      '0 create 3 planned',
      '0 update 4 planned',
      '1 create 1 planned',
      '1 update 5 planned',
      '0 deactivate 6 held',
      '0 create 2 parked',
      null,
    ];
    for (let repeat = 0; repeat < 2; repeat++) {
      await state.changes.number('r1');
      expect(await order('r1', 7)).toEqual(expected);
    }
    expect(await state.changes.labels('r1', 2, 5)).toEqual([4, 1, 5, 6].map((n) => `p${n}@example.com`));
  });

  it('gives back every change as it was planned', async () => {
    const change = nthChange(1, {
      kind: 'update',
      genesysId: 'g1',
      before: { title: null, phoneNumbers: [{ type: 'work', value: '+4930' }] },
      operations: [{ op: 'remove', path: 'title' }],
      reason: 'title changed',
    });
    await plan(state, 'r1', [change]);
    expect(await state.changes.get('r1', 1)).toEqual({
      runId: 'r1',
      seq: 1,
      sync: 'corp',
      change,
      wave: 0,
      status: 'planned',
      step: '',
      claim: null,
      outcome: null,
      correlationId: null,
    });
    expect(await state.changes.get('r1', 2)).toBeNull();
  });

  it('shows planned changes with their references for the waves', async () => {
    const boss = nthDesired(1, { attributes: [manager(anchorOf(8)), owned('title', 'x'), manager(anchorOf(8))] });
    const changes = [nthChange(1, { desired: boss }), nthChange(2, { desired: null, kind: 'deactivate' })];
    await plan(state, 'r1', [...changes, nthChange(3, { parked: FAILURE })]);
    const pages = [];
    for await (const page of state.changes.light('r1')) pages.push(...page);
    expect(pages).toEqual([
      { anchor: anchorOf(1), kind: 'create', references: [anchorOf(8)], genesysId: null, awaits: null, frees: false },
      { anchor: anchorOf(2), kind: 'deactivate', references: [], genesysId: null, awaits: null, frees: false },
    ]);
    await state.changes.replace('r1', 'corp', [nthChange(1, { desired: desiredUser(), reason: 'cycle cut' })]);
    for await (const page of state.changes.light('r1')) expect(page[0]?.references).toEqual([]);
    expect((await state.changes.get('r1', 1))?.change.reason).toBe('cycle cut');
  });

  it('is cut into slices of one wave and kind, over gaps', async () => {
    const numbers = Array.from({ length: 9 }, (_, n) => n + 1);
    await plan(
      state,
      'r1',
      numbers.map((n) => nthChange(n, { kind: n > 6 ? 'update' : 'create' })),
    );
    expect(await state.changes.slices('r1', 0, 10, 4)).toEqual([
      { wave: 0, kind: 'create', from: 1, to: 4 },
      { wave: 0, kind: 'create', from: 5, to: 6 },
      { wave: 0, kind: 'update', from: 7, to: 9 },
    ]);
    expect(await state.changes.slices('r1', 0, 2, 3)).toEqual([
      { wave: 0, kind: 'create', from: 1, to: 3 },
      { wave: 0, kind: 'create', from: 4, to: 6 },
    ]);
    await state.changes.claim({ runId: 'r1', seq: 8 }, { token: 't', request: REQUEST });
    expect(await state.changes.slices('r1', 6, 10, 4)).toEqual([{ wave: 0, kind: 'update', from: 7, to: 9 }]);
    expect(await state.changes.slices('r1', 9, 10, 4)).toEqual([]);
    await state.changes.setWaves('r1', [{ anchor: anchorOf(9), kind: 'update', wave: 1 }]);
    expect(await state.changes.slices('r1', 6, 10, 4)).toEqual([
      { wave: 0, kind: 'update', from: 7, to: 7 },
      { wave: 1, kind: 'update', from: 9, to: 9 },
    ]);
  });

  it('is dropped and made anew, but never what was claimed already', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3)]);
    await state.changes.begin('r1');
    expect((await state.changes.counts('r1')).create.planned).toBe(0);
    await plan(state, 'r1', [nthChange(1), nthChange(2)]);
    await state.changes.claim({ runId: 'r1', seq: 2 }, { token: 't', request: REQUEST });
    await plan(state, 'r1', [nthChange(1), nthChange(2, { reason: 'again' }), nthChange(4)]);
    expect(await order('r1', 5)).toEqual([
      null,
      '0 create 2 writing',
      '0 create 1 planned',
      '0 create 4 planned',
      null,
    ]);
    expect((await state.changes.get('r1', 2))?.change.reason).toBe('new in corp-ad');
  });

  it('stores a page once however often it is added', async () => {
    await state.runs.open(runStart('r1'));
    const page = [nthChange(1), nthChange(1, { kind: 'update' }), nthChange(2, { parked: FAILURE })];
    await state.changes.add('r1', 'corp', page);
    await state.changes.add('r1', 'corp', page);
    const counts = await state.changes.counts('r1');
    expect([counts.create, counts.update.planned]).toEqual([
      { planned: 2, applied: 0, parked: 1, held: 0, superseded: 0 },
      1,
    ]);
    expect(await state.parked.list('corp')).toMatchObject([{ anchor: anchorOf(2), attempts: 1, ...FAILURE }]);
  });

  it('of a dry run leaves the parked people as they are', async () => {
    await state.runs.open(runStart('r1', { dryRun: true }));
    await state.changes.add('r1', 'corp', [nthChange(1, { parked: FAILURE })]);
    expect((await state.changes.counts('r1')).create.parked).toBe(1);
    expect(await state.parked.list('corp')).toEqual([]);
  });

  it('keeps what stands in the approved batch: same person, same kind, same Genesys user', async () => {
    const ids: Record<number, string | null> = { 1: null, 2: 'g2', 3: 'g3', 4: 'g4' };
    const changes = [1, 2, 3, 4].map((n) =>
      nthChange(n, { kind: n === 1 ? 'create' : 'update', genesysId: ids[n] ?? null }),
    );
    await plan(state, 'r1', changes);
    const batch = await state.batches.create('r1', {
      kinds: 'all',
      reasons: ['first run'],
      configHash: 'config-1',
      dryRun: false,
      expiresAt: '2027-01-01T00:00:00.000Z',
    });
    await state.runs.close('r1', { outcome: 'held', error: null, heldBatch: batch?.hash ?? null });
    const [first, second, third, fourth] = changes;
    await plan(state, 'r2', [
      first!,
      second!,
      { ...third!, genesysId: 'another' },
      { ...fourth!, kind: 'deactivate' },
      nthChange(5),
    ]);
    expect(await state.changes.keepOnly('r2', batch?.hash ?? '')).toBe(3);
    expect(await state.changes.keepOnly('r2', batch?.hash ?? '')).toBe(0);
    const kept: [ChangeKind, number, number][] = Object.entries(await state.changes.counts('r2')).flatMap(
      ([kind, counts]) => (counts.planned === 0 ? [] : [[kind as ChangeKind, counts.planned, counts.superseded]]),
    );
    expect(kept).toEqual([
      ['create', 2, 1],
      ['update', 2, 1],
      ['deactivate', 1, 1],
    ]);
  });

  it('is superseded only as far as it is still planned', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3)]);
    await state.changes.claim({ runId: 'r1', seq: 2 }, { token: 't', request: REQUEST });
    expect(await state.changes.supersede('r1', 'cancelled')).toBe(2);
    expect(await state.changes.supersede('r1', 'cancelled')).toBe(0);
    expect(await order('r1', 3)).toEqual(['0 create 1 superseded', '0 create 2 writing', '0 create 3 superseded']);
    expect((await state.changes.get('r1', 1))?.outcome?.message).toBe('cancelled');
  });

  it('numbers and slices more changes than one statement handles', async () => {
    const total = 11_003;
    await plan(
      state,
      'r1',
      Array.from({ length: total }, (_, n) => nthChange(n, { desired: null })),
    );
    const slices = await state.changes.slices('r1', 0, 100, 400);
    expect(slices).toHaveLength(28);
    expect(slices.at(-1)).toEqual({ wave: 0, kind: 'create', from: 10_801, to: total });
    expect((await state.changes.get('r1', total))?.change.anchor).toBe(anchorOf(total - 1));
    expect((await state.changes.get('r1', 5_001))?.change.anchor).toBe(anchorOf(5_000));
  });
});
