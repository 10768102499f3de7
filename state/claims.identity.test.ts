import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appliedResult, nthChange, nthLink, plan, REQUEST, storeLinks, write } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

const END = { outcome: 'completed', error: null, heldBatch: null } as const;
const ONE = { runId: 'r1', seq: 1 };
const NOW = '2026-11-23T10:00:00.000Z';
const retired = nthLink(1, { userName: 'retired-1@example.com', active: false });

describe.each(ENGINES)('changes of identity on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open({ now: () => new Date(NOW) });
    await storeLinks(state, [nthLink(1)]);
    await plan(state, 'r1', [nthChange(2, { kind: 'recycle', genesysId: 'g1' })]);
    await state.changes.claim(ONE, { token: 'a', request: REQUEST });
  });
  afterAll(() => place.close());

  it('stores the first half of a recycle once, and hands the change to its second half', async () => {
    const half = appliedResult(retired, { origin: null });
    expect(await state.changes.stepDone(ONE, 'another', half)).toBe(false);
    expect(await state.changes.stepDone(ONE, 'a', half)).toBe(true);
    expect(await state.changes.stepDone(ONE, 'a', half)).toBe(true);
    expect(await state.changes.get('r1', 1)).toMatchObject({ status: 'planned', step: 'create', claim: null });
    expect(await state.links.byGenesysId('corp', 'g1')).toEqual(retired);
    expect((await state.runs.get('r1'))?.requests.write).toBe(1);
    expect(await state.audit.appliedSince('corp', ['recycle'], NOW)).toBe(1);

    expect(await state.changes.claim(ONE, { token: 'b', request: REQUEST })).toBe('claimed');
    expect(await state.changes.stepDone(ONE, 'b', half)).toBe(false);
    expect(await state.changes.applied(ONE, 'b', appliedResult(nthLink(2)))).toBe(true);
    expect(await state.audit.appliedSince('corp', ['recycle'], NOW)).toBe(1);
    const pages: string[][] = [];
    for await (const page of state.audit.ofRun('r1', 1))
      pages.push(page.map(({ step, anchor }) => `${step} ${anchor}`));
    expect(pages).toEqual([[`retire ${anchorOf(1)}`], [`create ${anchorOf(2)}`]]);
  });

  it('leaves retired users out of the count, until one is written again', async () => {
    await state.changes.stepDone(ONE, 'a', appliedResult(retired, { origin: null }));
    expect(await state.links.counts('corp')).toEqual({ active: 0, total: 0 });
    await plan(state, 'r2', [nthChange(1, { kind: 'reactivate' })]);
    await write(state, { runId: 'r2', seq: 1 }, appliedResult(nthLink(1), { origin: null }));
    expect(await state.links.counts('corp')).toEqual({ active: 1, total: 1 });
  });

  it('ends a recycle whose run has ended after its first half', async () => {
    await state.runs.close('r1', END);
    expect(await state.changes.stepDone(ONE, 'a', appliedResult(retired, { origin: null }))).toBe(true);
    expect(await state.changes.get('r1', 1)).toMatchObject({ status: 'superseded', step: 'create' });
  });

  it('moves a link to another anchor with all that belongs to it', async () => {
    const moved = nthLink(1, { anchor: anchorOf(2) });
    const result = appliedResult(moved, { origin: null, movedFrom: anchorOf(1) });
    expect(await state.changes.applied(ONE, 'a', result)).toBe(true);
    expect(await state.links.byAnchor('corp', [anchorOf(1), anchorOf(2)])).toEqual(new Map([[anchorOf(2), moved]]));
  });

  it('parks a create that revived an account, and remembers which', async () => {
    const failure = { code: 'identity.revived', message: 'it was deleted', correlationId: null };
    const result = appliedResult(nthLink(2, { genesysId: 'old' }));
    expect(await state.changes.revived(ONE, 'a', result, failure)).toBe(true);
    expect(await state.changes.revived(ONE, 'a', result, failure)).toBe(true);
    expect(await state.changes.revived(ONE, 'another', result, failure)).toBe(false);
    expect(await state.parked.list('corp')).toMatchObject([{ anchor: anchorOf(2), code: 'identity.revived' }]);
    expect(await state.links.byGenesysId('corp', 'old')).toBeNull();
    expect(await state.audit.revived('corp', [anchorOf(1), anchorOf(2)])).toEqual(new Set(['old']));
    expect(await state.audit.revived('corp', [anchorOf(1)])).toEqual(new Set());
    const changes = [];
    for await (const page of state.lookBack.changesOf('r1')) changes.push(...page);
    expect(changes).toMatchObject([{ status: 'parked', at: null }]);
  });

  it('cuts slices of recycles at a quarter of the size', async () => {
    const recycles = Array.from({ length: 9 }, (_, n) =>
      nthChange(n + 10, { kind: 'recycle', genesysId: `g${n + 10}` }),
    );
    const creates = Array.from({ length: 9 }, (_, n) => nthChange(n + 30));
    await plan(state, 'r3', [...recycles, ...creates]);
    const slices = await state.changes.slices('r3', 0, 9, 16);
    expect(slices.map(({ kind, from, to }) => [kind, to - from + 1])).toEqual([
      ['create', 9],
      ['recycle', 4],
      ['recycle', 4],
      ['recycle', 1],
    ]);
    expect(await state.changes.anchors('r3', 10, 11)).toEqual([anchorOf(10), anchorOf(11)]);
  });
});
