import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANGE_KINDS } from '../model/change.ts';
import { appliedResult, nthChange, nthLink, plan, write } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { LookBackStore, RunChange } from './look-back.ts';
import type { State } from './state.ts';

type Asked = Parameters<LookBackStore['applied']>[1];
const asked = (more: Partial<Asked> = {}): Asked => ({
  ...{ kinds: CHANGE_KINDS, since: null, anchors: null, limit: 100 },
  ...more,
});
const DONE = { outcome: 'completed', error: null, heldBatch: null } as const;
const MINUTE = 60_000;

describe.each(ENGINES)('looking back on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  let now = 0;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    now = Date.parse('2026-11-23T10:00:00.000Z');
    state = await place.open({ now: () => new Date(now) });
  });
  afterAll(() => place.close());

  /** One created at 10:00, two updated at 10:01, one deactivated at 10:02; and somebody of another sync. */
  const threeRuns = async () => {
    await plan(state, 'r1', [nthChange(1)]);
    await write(state, { runId: 'r1', seq: 1 }, appliedResult(nthLink(1)));
    now += MINUTE;
    const updates = [1, 2].map((n) => nthChange(n, { kind: 'update', genesysId: `g${n}` }));
    await plan(state, 'r2', updates);
    for (const n of [1, 2]) {
      const result = appliedResult(nthLink(n), { origin: null, before: { title: 'Agent' }, after: { title: 'Lead' } });
      await write(state, { runId: 'r2', seq: n }, result);
    }
    now += MINUTE;
    await plan(state, 'r3', [nthChange(2, { kind: 'deactivate', genesysId: 'g2' })]);
    const left = appliedResult(nthLink(2, { active: false }), { origin: null, actor: 'bob', correlationId: null });
    await write(state, { runId: 'r3', seq: 1 }, left);
    await plan(state, 'other', [nthChange(9)], 'other');
    await write(state, { runId: 'other', seq: 1 }, appliedResult(nthLink(9)));
  };
  const applied = async (more: Partial<Asked> = {}) => {
    const rows = await state.lookBack.applied('corp', asked(more));
    return rows.map(({ runId, kind, anchor }) => `${runId} ${kind} ${Number(anchor.slice(-2))}`);
  };

  it('lists applied changes newest first, whatever their kind', async () => {
    await threeRuns();
    expect(await applied()).toEqual(['r3 deactivate 2', 'r2 update 1', 'r2 update 2', 'r1 create 1']);
    expect((await state.lookBack.applied('corp', asked({ limit: 1 })))[0]).toMatchObject({
      ...{ sync: 'corp', genesysId: 'g2', actor: 'bob', correlationId: null, at: '2026-11-23T10:02:00.000Z' },
    });
  });

  it('narrows them by kind, time, person and number', async () => {
    await threeRuns();
    expect(await applied({ kinds: ['create', 'deactivate'] })).toEqual(['r3 deactivate 2', 'r1 create 1']);
    expect(await applied({ since: '2026-11-23T10:01:00.000Z' })).toHaveLength(3);
    expect(await applied({ anchors: [anchorOf(1)] })).toEqual(['r2 update 1', 'r1 create 1']);
    expect(await applied({ limit: 2 })).toEqual(['r3 deactivate 2', 'r2 update 1']);
    expect(await applied({ anchors: [] })).toEqual([]);
    expect(await applied({ kinds: [] })).toEqual([]);
  });

  it('finds the last run of a mode that read every directory and carried its plan out', async () => {
    const ends = [
      ['r1', {}, 'held'],
      ['r2', { mode: 'delta' }, 'completed'],
      ['r3', {}, 'failed'],
      ['r4', { dryRun: true }, 'completed'],
      ['r5', {}, 'cancelled'],
      ['unread', {}, 'completed'],
    ] as const;
    for (const [runId, more, outcome] of ends) {
      await state.runs.open(runStart(runId, more));
      const read = { read: 1, inScope: 1, invalid: 0, complete: runId !== 'unread' };
      await state.runs.setDirectory(runId, read);
      await state.runs.close(runId, { ...DONE, outcome });
    }
    await state.runs.open(runStart('r6'));
    expect((await state.lookBack.lastGood('corp', 'full'))?.runId).toBe('r1');
    expect((await state.lookBack.lastGood('corp', 'delta'))?.runId).toBe('r2');
    expect(await state.lookBack.lastGood('corp', 'parked')).toBeNull();
    expect(await state.lookBack.lastGood('other', 'full')).toBeNull();
  });

  it('lists every batch that waits, newest first', async () => {
    const options = { kinds: 'all', reasons: ['many'], configHash: 'config-1', expiresAt: '2027-01-01T00:00:00.000Z' };
    const hashes: string[] = [];
    for (const [runId, dryRun] of [['r1', false] as const, ['r2', false] as const, ['r3', true] as const]) {
      await plan(state, runId, [nthChange(hashes.length + 1)]);
      const batch = await state.batches.create(runId, { ...options, kinds: 'all', dryRun });
      hashes.push(batch?.hash ?? '');
    }
    await state.batches.decide(hashes[0] ?? '', { status: 'rejected', by: 'bob', reason: null });
    const open = await state.lookBack.openBatches('corp');
    expect(open.map(({ hash, dryRun, size }) => ({ hash, dryRun, size }))).toEqual([
      { hash: hashes[2], dryRun: true, size: 1 },
      { hash: hashes[1], dryRun: false, size: 1 },
    ]);
    expect(await state.lookBack.openBatches('other')).toEqual([]);
  });

  it('finds runs by the beginning of their id, taken literally', async () => {
    for (const runId of ['abc-1', 'abc-2', 'abd-1']) await state.runs.open(runStart(runId));
    const starting = async (prefix: string, limit = 9) =>
      (await state.lookBack.runsStartingWith('corp', prefix, limit)).map(({ runId }) => runId);
    expect(await starting('abc')).toEqual(['abc-2', 'abc-1']);
    expect(await starting('ab', 2)).toEqual(['abd-1', 'abc-2']);
    expect(await starting('abc-1')).toEqual(['abc-1']);
    expect(await starting('ab%')).toEqual([]);
    expect(await starting('a_c')).toEqual([]);
    expect(await state.lookBack.runsStartingWith('other', 'abc', 9)).toEqual([]);
  });

  it('tells what became of every change of a run, in pages of any size', async () => {
    await plan(state, 'r1', [
      nthChange(1),
      nthChange(2, { parked: { code: 'identity.invalid-entry', message: 'correct the mail' } }),
      nthChange(3, { kind: 'deactivate', genesysId: 'g3', before: { active: true }, after: { active: false } }),
      nthChange(4, { kind: 'update', genesysId: 'g4', heldBecause: 'out of scope' }),
    ]);
    await state.changes.hold('r1', [], 'batch-1');
    const written = appliedResult(nthLink(1), { before: null, after: { title: 'as written' }, reason: 'as it was' });
    await write(state, { runId: 'r1', seq: 1 }, written);
    const pages = async (size: number) => {
      const all: RunChange[] = [];
      for await (const page of state.lookBack.changesOf('r1', size)) {
        expect(page.length).toBeLessThanOrEqual(size);
        all.push(...page);
      }
      return all;
    };
    const changes = await pages(500);
    expect(await pages(1)).toEqual(changes);
    expect(changes.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      ...['create applied', 'deactivate planned', 'update held', 'create parked'],
    ]);
    expect(changes[0]).toMatchObject({ genesysId: 'g1', after: { title: 'as written' }, reason: 'as it was' });
    expect(changes[0]).toMatchObject({ actor: 'alice', at: '2026-11-23T10:00:00.000Z', correlationId: 'c-1' });
    expect(changes[1]).toMatchObject({ genesysId: 'g3', before: { active: true }, after: { active: false }, at: null });
    expect(changes[3]).toMatchObject({ code: 'identity.invalid-entry', message: 'correct the mail', actor: null });
  });

  it('shows changes of a run that ended before they had a place', async () => {
    await state.runs.open(runStart('r1'));
    await state.changes.begin('r1');
    await state.changes.add('r1', 'corp', [nthChange(2), nthChange(1)]);
    await state.runs.close('r1', { ...DONE, outcome: 'failed' });
    const pages: RunChange[][] = [];
    for await (const page of state.lookBack.changesOf('r1', 1)) pages.push(page);
    expect(pages.flat().map(({ anchor, status }) => [anchor, status])).toEqual([
      [anchorOf(1), 'superseded'],
      [anchorOf(2), 'superseded'],
    ]);
  });
});
