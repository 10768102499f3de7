import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANGE_KINDS } from '../model/change.ts';
import { appliedResult, nthChange, nthLink, plan, write } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { RunNote, State } from './state.ts';

const COUNTS = { read: 12, inScope: 10, invalid: 1, complete: true };
const DONE = { outcome: 'completed', error: null, heldBatch: null } as const;

describe.each(ENGINES)('runs on %s', (engine) => {
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

  it('are opened once, whatever is said the second time', async () => {
    expect(await state.runs.open(runStart('r1'))).toEqual({ terminated: [], unfinished: [] });
    now += 5_000;
    await state.runs.open(runStart('r1', { actor: 'mallory' }));
    expect(await state.runs.get('r1')).toEqual({
      ...runStart('r1'),
      startedAt: '2026-11-23T10:00:00.000Z',
      finishedAt: null,
      outcome: null,
      error: null,
      directory: { read: 0, inScope: 0, invalid: 0, complete: false },
      unchanged: 0,
      heldBatch: null,
      requests: { token: 0, read: 0, write: 0, throttled: 0 },
    });
    expect(await state.runs.get('unknown')).toBeNull();
  });

  it('close any other open run of the sync, and none of another', async () => {
    await state.runs.open(runStart('r1'));
    await state.runs.open(runStart('other', { sync: 'other' }));
    expect((await state.runs.open(runStart('r2'))).terminated).toEqual(['r1']);
    expect((await state.runs.get('r1'))?.outcome).toBe('terminated');
    expect((await state.runs.get('other'))?.finishedAt).toBeNull();
    await state.runs.close('r1', DONE);
    expect((await state.runs.get('r1'))?.outcome).toBe('terminated');
    expect((await state.runs.report('r1'))?.outcome).toBe('failed');
  });

  it('opened at the same moment leave one open', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    await Promise.all(ids.map((runId) => state.runs.open(runStart(runId))));
    const rows = await state.runs.list('corp', 10);
    expect(rows).toHaveLength(4);
    expect(rows.filter((row) => row.finishedAt === null)).toHaveLength(1);
    expect(rows[0]?.finishedAt).toBeNull();
  });

  it('are listed newest first', async () => {
    for (const runId of ['r1', 'r2', 'r3']) await state.runs.open(runStart(runId));
    expect((await state.runs.list('corp', 2)).map((row) => row.runId)).toEqual(['r3', 'r2']);
    expect(await state.runs.list('other', 2)).toEqual([]);
  });

  it('find the last complete read of a mode, dry runs only when asked for', async () => {
    const runs = [
      ['r1', {}],
      ['r2', { mode: 'delta' }],
      ['r3', { dryRun: true }],
      ['r4', {}],
    ] as const;
    for (const [runId, more] of runs) {
      await state.runs.open(runStart(runId, more));
      await state.runs.setDirectory(runId, { ...COUNTS, complete: runId !== 'r4' });
    }
    const last = async (...args: Parameters<State['runs']['lastComplete']>) =>
      (await state.runs.lastComplete(...args))?.runId ?? null;
    expect(await last('corp', ['full'])).toBe('r1');
    expect(await last('corp', ['full', 'delta'])).toBe('r2');
    expect(await last('corp', ['full'], { dryRuns: true })).toBe('r3');
    expect(await last('corp', ['undo'])).toBeNull();
    expect(await last('corp', [])).toBeNull();
    expect(await last('other', ['full'])).toBeNull();
  });

  it('are reported with every kind and every number', async () => {
    await plan(state, 'r1', [
      nthChange(1),
      nthChange(2),
      nthChange(3, { parked: { code: 'identity.invalid-entry', message: 'no login' } }),
      nthChange(4, { kind: 'deactivate', heldBecause: 'no longer in scope' }),
    ]);
    await state.runs.setDirectory('r1', COUNTS);
    await state.runs.setUnchanged('r1', 6);
    await state.runs.addRequests('r1', { token: 1, read: 2, write: 0, throttled: 1 });
    await state.changes.hold('r1', [], 'batch-1');
    await write(state, { runId: 'r1', seq: 1 }, appliedResult(nthLink(1)));
    now += 4_200;
    expect(await state.runs.report('r1')).toMatchObject({ outcome: 'failed', error: null, durationMs: 4_200 });
    await state.runs.close('r1', { outcome: 'held', error: null, heldBatch: 'batch-1' });
    now += 1_000_000;
    const none = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
    const report = await state.runs.report('r1');
    expect(report).toEqual({
      runId: 'r1',
      workflowId: 'rollcall:corp',
      mode: 'full',
      dryRun: false,
      outcome: 'held',
      error: null,
      directory: COUNTS,
      changes: {
        ...Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, none])),
        create: { planned: 3, applied: 1, parked: 1, held: 0, superseded: 1 },
        deactivate: { planned: 1, applied: 0, parked: 0, held: 1, superseded: 0 },
      },
      unchanged: 6,
      requests: { token: 1, read: 2, write: 1, throttled: 1 },
      heldBatch: 'batch-1',
      durationMs: 4_200,
    });
    expect(Object.keys(report?.changes ?? {})).toEqual([...CHANGE_KINDS]);
    expect(await state.runs.report('unknown')).toBeNull();
  });

  it('stay as they were closed', async () => {
    await state.runs.open(runStart('r1'));
    await state.runs.close('r1', { outcome: 'failed', error: 'The directory did not answer.', heldBatch: null });
    const closed = await state.runs.get('r1');
    now += 1_000;
    await state.runs.close('r1', DONE);
    expect(await state.runs.get('r1')).toEqual(closed);
    await expect(state.runs.close('unknown', DONE)).resolves.toBeUndefined();
  });

  it('count requests from many activities at once', async () => {
    await state.runs.open(runStart('r1'));
    const one = { token: 0, read: 1, write: 1, throttled: 0 };
    await Promise.all(Array.from({ length: 40 }, () => state.runs.addRequests('r1', one)));
    expect((await state.runs.get('r1'))?.requests).toEqual({ token: 0, read: 40, write: 40, throttled: 0 });
  });

  it('keep notes, problems first, replaced person by person', async () => {
    await state.runs.open(runStart('r1'));
    const note = (n: number, more: Partial<RunNote> = {}): RunNote => ({
      anchor: anchorOf(n),
      dn: `CN=${n}`,
      severity: 'warning',
      attribute: 'phoneNumbers',
      problem: 'is no number',
      ...more,
    });
    const problem = note(2, { severity: 'problem', attribute: 'userName' });
    await state.runs.addNotes('r1', [note(1), problem, note(2)]);
    await state.runs.addNotes('r1', [note(1), problem, note(2)]);
    await state.runs.addNotes('r1', [note(1, { attribute: 'mail' })]);
    await state.runs.addNotes('r1', []);
    expect(await state.runs.notes('r1', 10)).toEqual([problem, note(1, { attribute: 'mail' }), note(2)]);
    expect(await state.runs.notes('r1', 1)).toEqual([problem]);
    expect(await state.runs.notes('r2', 10)).toEqual([]);
  });
});

describe.each(ENGINES)('workers on %s', (engine) => {
  let place: StatePlace;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  afterAll(() => place.close());

  it('are seen while they beat, and forgotten a day after', async () => {
    let now = Date.parse('2026-11-23T10:00:00.000Z');
    const state = await place.open({ now: () => new Date(now) });
    const worker = { id: 'w1', sync: 'corp', host: 'host-1', pid: 42, configHash: 'config-1' };
    await state.workers.beat(worker);
    now += 60_000;
    await state.workers.beat({ ...worker, configHash: 'config-2' });
    await state.workers.beat({ ...worker, id: 'w2' });
    await state.workers.beat({ ...worker, id: 'w3', sync: 'other' });
    const startedAt = '2026-11-23T10:00:00.000Z';
    const seenAt = '2026-11-23T10:01:00.000Z';
    expect(await state.workers.list('corp')).toEqual([
      { ...worker, configHash: 'config-2', startedAt, seenAt },
      { ...worker, id: 'w2', startedAt: seenAt, seenAt },
    ]);
    await state.workers.leave('w1');
    now += 25 * 3_600_000;
    await state.workers.beat({ ...worker, id: 'w4' });
    expect((await state.workers.list('corp')).map((row) => row.id)).toEqual(['w4']);
    expect((await state.workers.list('other')).map((row) => row.id)).toEqual(['w3']);
  });
});
