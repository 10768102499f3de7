import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appliedResult, nthChange, nthLink, plan, REQUEST, storeLinks, write } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { RunStart, State } from './state.ts';

const DONE = { outcome: 'completed', error: null, heldBatch: null } as const;
const ofAnn = (runId: string, more: Partial<RunStart> = {}): RunStart =>
  runStart(runId, { mode: 'provision', workflowId: 'rollcall:corp:provision:ann', ...more });

describe.each(ENGINES)('runs on one person on %s', (engine) => {
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

  const isOpen = async (runId: string): Promise<boolean> => (await state.runs.get(runId))?.finishedAt === null;

  it('go on beside a run of the sync, and end none but one of the same workflow', async () => {
    await state.runs.open(runStart('bulk'));
    await state.runs.open(ofAnn('ann'));
    await state.runs.open(ofAnn('bob', { workflowId: 'rollcall:corp:provision:bob' }));
    expect(await Promise.all(['bulk', 'ann', 'bob'].map(isOpen))).toEqual([true, true, true]);
    expect((await state.runs.open(ofAnn('again'))).terminated).toEqual(['ann']);
    expect((await state.runs.open(runStart('next'))).terminated).toEqual(['bulk']);
    now += 71 * 60_000;
    expect((await state.runs.open(runStart('later'))).terminated).toEqual(['bob', 'again', 'next']);
  });

  it('are listed, but count for nothing that is about everybody; previews are not even listed', async () => {
    const read = { read: 1, inScope: 1, invalid: 0, complete: true };
    for (const start of [runStart('bulk'), ofAnn('ann'), ofAnn('look', { mode: 'preview', dryRun: true })]) {
      await state.runs.open(start);
      await state.runs.setDirectory(start.runId, read);
      await state.runs.close(start.runId, DONE);
    }
    const ids = async (...args: Parameters<State['runs']['list']>) =>
      (await state.runs.list(...args)).map(({ runId }) => runId);
    expect(await ids('corp', 9)).toEqual(['ann', 'bulk']);
    expect(await ids('corp', 9, { everybody: true })).toEqual(['bulk']);
    expect((await state.runs.lastComplete('corp', ['full', 'delta'], { dryRuns: true }))?.runId).toBe('bulk');
    expect(await state.lookBack.runsStartingWith('corp', 'look', 2)).toEqual([]);
    await state.runs.forgetPreviews('corp', { before: new Date(now).toISOString() });
    expect(await state.runs.get('look')).not.toBeNull();
    await state.runs.forgetPreviews('corp', { runId: 'look' });
    expect(await state.runs.get('look')).toBeNull();
    await state.runs.forgetPreviews('corp', { runId: 'ann' });
    expect(await state.runs.get('ann')).not.toBeNull();
  });

  it('keep a name only until the anchor is known', async () => {
    await state.asked.ask('ann', 'corp', { way: 'login', text: 'ann@corp.example' });
    expect(await state.asked.get('ann')).toEqual({ name: { way: 'login', text: 'ann@corp.example' }, anchor: null });
    await state.asked.answer('ann', 'corp', anchorOf(1));
    expect(await state.asked.get('ann')).toEqual({ name: null, anchor: anchorOf(1) });
    await state.asked.answer('bob', 'corp', anchorOf(2));
    expect(await state.asked.get('bob')).toEqual({ name: null, anchor: anchorOf(2) });
    await state.asked.forget('bob');
    expect(await state.asked.get('bob')).toBeNull();
  });

  it('see to the unfinished writes of their person, and to his user, alone', async () => {
    await storeLinks(state, [nthLink(3)]);
    await plan(state, 'recycle', [nthChange(4, { kind: 'recycle', genesysId: 'g3' })]);
    const retirement = { method: 'PATCH' as const, genesysId: 'g3', body: {} };
    const retired = { runId: 'recycle', seq: 1 };
    await state.changes.claim(retired, { token: 'r', request: retirement });
    await plan(state, 'bulk', [nthChange(1), nthChange(2)]);
    expect(await state.changes.unfinished('corp', [anchorOf(3)])).toEqual([retired]);
    expect(await state.changes.unfinished('corp', [anchorOf(4)])).toEqual([retired]);
    await state.changes.unclaim(retired, 'r');
    for (const seq of [1, 2]) await state.changes.claim({ runId: 'bulk', seq }, { token: `t${seq}`, request: REQUEST });
    expect(await state.changes.unfinished('corp', [anchorOf(2)])).toEqual([]);
    await state.runs.open(runStart('next'));
    expect(await state.changes.unfinished('corp', [anchorOf(2)])).toEqual([{ runId: 'bulk', seq: 2 }]);
    expect(await state.changes.unfinished('corp')).toHaveLength(2);
  });

  it('tell whether another run wrote the person meanwhile, and from an older read or not', async () => {
    const standing = async (runId: string) => (await state.links.standing('corp', anchorOf(1), runId)).overtaken;
    await state.runs.open(ofAnn('early', { workflowId: 'early' }));
    expect(await state.links.standing('corp', anchorOf(1), 'early')).toEqual({
      stamp: null,
      overtaken: 'no',
      retired: false,
    });
    now += 1_000;
    await plan(state, 'bulk', [nthChange(1)]);
    now += 1_000;
    await state.runs.open(ofAnn('late', { workflowId: 'late' }));
    now += 1_000;
    await write(state, { runId: 'bulk', seq: 1 }, appliedResult(nthLink(1)));
    now += 1_000;
    await state.runs.open(ofAnn('after', { workflowId: 'after' }));
    expect(await Promise.all(['early', 'late', 'bulk', 'after'].map(standing))).toEqual(['newer', 'older', 'no', 'no']);
  });

  it('claim nobody whose link moved since the request was made', async () => {
    await plan(state, 'bulk', [nthChange(1)]);
    await write(state, { runId: 'bulk', seq: 1 }, appliedResult(nthLink(1)));
    now += 1_000;
    await plan(state, 'next', [nthChange(1, { kind: 'update' })]);
    const ref = { runId: 'next', seq: 1 };
    const claim = { token: 't', request: REQUEST };
    expect(await state.changes.claim(ref, { ...claim, basis: null })).toBe('busy');
    expect((await state.changes.get('next', 1))?.status).toBe('planned');
    const { stamp } = await state.links.standing('corp', anchorOf(1), 'next');
    expect(await state.changes.claim(ref, { ...claim, basis: stamp })).toBe('claimed');
    expect(await state.changes.claim(ref, { ...claim, basis: null })).toBe('claimed');
  });

  it('lose nothing they read when a run of the sync ends meanwhile', async () => {
    await state.runs.open(runStart('bulk'));
    await state.runs.open(ofAnn('ann'));
    for (const runId of ['bulk', 'ann']) {
      await state.staging.begin(runId, 'corp-ad', 1);
      await state.staging.complete(runId, 'corp-ad', 1, { read: 0, inScope: 0, referrals: [] });
    }
    await state.runs.close('bulk', DONE);
    await state.staging.prune('corp', []);
    expect(await state.staging.marks('bulk')).toHaveLength(0);
    expect(await state.staging.marks('ann')).toHaveLength(1);
  });
});
