import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appliedResult,
  NO_REQUESTS,
  nthChange,
  nthLink,
  plan,
  REQUEST,
  storeLinks,
  write,
} from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { ChangeRef, State } from './state.ts';

const FAILURE = { code: 'genesys.invalid', message: 'the service refused the phone number', correlationId: 'c-9' };
const claimOf = (token: string) => ({ token, request: REQUEST });
const END = { outcome: 'completed', error: null, heldBatch: null } as const;

describe.each(ENGINES)('the write protocol on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  let now = Date.parse('2026-11-23T10:00:00.000Z');
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open({ now: () => new Date(now) });
  });
  afterAll(() => place.close());
  const one = { runId: 'r1', seq: 1 };
  const status = async (ref = one) => (await state.changes.get(ref.runId, ref.seq))?.status;

  it('lets one attempt claim a change, and tells the others', async () => {
    await plan(state, 'r1', [nthChange(1)]);
    expect(await state.changes.claim(one, claimOf('a'))).toBe('claimed');
    expect(await state.changes.claim(one, claimOf('a'))).toBe('claimed');
    expect(await state.changes.claim(one, claimOf('b'))).toBe('lost');
    expect(await state.changes.claim({ runId: 'r1', seq: 99 }, claimOf('b'))).toBe('lost');
    expect(await state.changes.get('r1', 1)).toMatchObject({
      status: 'writing',
      claim: { token: 'a', request: REQUEST, at: new Date(now).toISOString() },
    });
  });

  it('lets exactly one of many attempts claim a change', async () => {
    await plan(state, 'r1', [nthChange(1)]);
    const tokens = Array.from({ length: 12 }, (_, n) => `t${n}`);
    const results = await Promise.all(tokens.map((token) => state.changes.claim(one, claimOf(token))));
    expect(results.filter((result) => result === 'claimed')).toHaveLength(1);
    expect((await state.changes.get('r1', 1))?.claim?.token).toBe(tokens[results.indexOf('claimed')]);
  });

  it('writes a person once at a time, over all runs of the sync', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(1, { kind: 'update' })]);
    await plan(state, 'other', [nthChange(1)], 'other');
    expect(await state.changes.claim(one, claimOf('a'))).toBe('claimed');
    expect(await state.changes.claim({ runId: 'r1', seq: 2 }, claimOf('b'))).toBe('busy');
    expect(await state.changes.claim({ runId: 'other', seq: 1 }, claimOf('c'))).toBe('claimed');
    await state.runs.open(runStart('r2'));
    await plan(state, 'r2', [nthChange(1)]);
    expect(await state.changes.claim({ runId: 'r2', seq: 1 }, claimOf('d'))).toBe('busy');
    expect(await state.changes.unclaim(one, 'a')).toBe(true);
    expect(await state.changes.claim({ runId: 'r2', seq: 1 }, claimOf('d'))).toBe('claimed');
  });

  const patchOf = (genesysId: string) => ({ method: 'PATCH' as const, genesysId, body: { Operations: [] } });

  it('writes a Genesys user once at a time, whomever the change is about', async () => {
    const recycle = nthChange(2, { kind: 'recycle', genesysId: 'g1' });
    await plan(state, 'r1', [nthChange(1, { kind: 'update', genesysId: 'g1' }), recycle, nthChange(3)]);
    await plan(state, 'other', [nthChange(1, { kind: 'update', genesysId: 'g1' })], 'other');
    const [create, retire, update] = [one, { runId: 'r1', seq: 2 }, { runId: 'r1', seq: 3 }];
    const claim = (ref: ChangeRef, token: string, genesysId: string | null) =>
      state.changes.claim(ref, { token, request: genesysId === null ? REQUEST : patchOf(genesysId) });
    expect(await claim(retire, 'a', 'g1')).toBe('claimed');
    expect(await claim(update, 'b', 'g1')).toBe('busy');
    expect(await status(update)).toBe('planned');
    expect(await claim(create, 'c', null)).toBe('claimed');
    expect(await claim({ runId: 'other', seq: 1 }, 'd', 'g1')).toBe('claimed');
    expect(await state.changes.takeOver(retire, 'a', { token: 'z', request: patchOf('g1') })).toBe(true);
    expect(await claim(update, 'b', 'g1')).toBe('busy');
    expect(await state.changes.unclaim(retire, 'a')).toBe(false);
    expect(await state.changes.unclaim(retire, 'z')).toBe(true);
    expect(await claim(update, 'b', 'g1')).toBe('claimed');
    expect(await claim(retire, 'a', 'g1')).toBe('busy');
  });

  it('claims no Genesys user whose link moved since the request was made', async () => {
    await storeLinks(state, [nthLink(1)]);
    await plan(state, 'r1', [nthChange(2, { kind: 'recycle', genesysId: 'g1' })]);
    const { stamp } = await state.links.standing('corp', anchorOf(1), 'r1');
    const claim = (userBasis: string | null) =>
      state.changes.claim(one, { token: 'a', request: patchOf('g1'), userBasis });
    expect(await claim(null)).toBe('busy');
    expect(await claim('earlier')).toBe('busy');
    expect(await status()).toBe('planned');
    expect(await claim(stamp)).toBe('claimed');
  });

  it('hands a claim over only from the attempt that holds it', async () => {
    await plan(state, 'r1', [nthChange(1)]);
    await state.changes.claim(one, claimOf('a'));
    expect(await state.changes.takeOver(one, 'x', claimOf('b'))).toBe(false);
    expect(await state.changes.takeOver(one, 'a', claimOf('b'))).toBe(true);
    expect(await state.changes.takeOver(one, 'a', claimOf('b'))).toBe(true);
    expect(await state.changes.takeOver(one, 'a', claimOf('c'))).toBe(false);
    expect(await state.changes.unclaim(one, 'a')).toBe(false);
    expect(await state.changes.applied(one, 'a', appliedResult(nthLink(1)))).toBe(false);
    expect(await state.links.byGenesysId('corp', 'g1')).toBeNull();
    expect(await state.changes.park(one, 'a', FAILURE, null)).toBe(false);
    expect(await state.changes.applied(one, 'b', appliedResult(nthLink(1)))).toBe(true);
  });

  it('gives a refused change back, but not to a run that has ended', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2)]);
    await state.changes.claim(one, claimOf('a'));
    expect(await state.changes.unclaim(one, 'a')).toBe(true);
    expect(await state.changes.get('r1', 1)).toMatchObject({ status: 'planned', claim: null });
    await state.changes.claim(one, claimOf('b'));
    await state.runs.close('r1', END);
    expect([await status(), await status({ runId: 'r1', seq: 2 })]).toEqual(['writing', 'superseded']);
    expect(await state.changes.unclaim(one, 'b')).toBe(true);
    expect(await status()).toBe('superseded');
  });

  it('ends a write with link, audit row, request counts and no parked row, once', async () => {
    await plan(state, 'r0', [nthChange(1, { parked: { code: 'genesys.timeout', message: 'no answer' } })]);
    await state.runs.close('r0', END);
    await plan(state, 'r1', [nthChange(1)]);
    await state.changes.claim(one, claimOf('a'));
    const link = nthLink(1, { written: { title: 'Agent', list: [1, { a: true }] } });
    const result = appliedResult(link, {
      before: { title: null },
      requests: { token: 1, read: 2, write: 3, throttled: 4 },
    });
    expect(await state.changes.applied(one, 'a', result)).toBe(true);
    expect(await state.changes.applied(one, 'a', result)).toBe(true);
    expect(await state.changes.get('r1', 1)).toMatchObject({ status: 'applied', claim: null });
    expect(await state.links.byAnchor('corp', [anchorOf(1), anchorOf(2)])).toEqual(new Map([[anchorOf(1), link]]));
    expect(await state.links.byGenesysId('corp', 'g1')).toEqual(link);
    expect(await state.links.byGenesysId('other', 'g1')).toBeNull();
    expect((await state.runs.get('r1'))?.requests).toEqual({ token: 1, read: 2, write: 3, throttled: 4 });
    expect(await state.parked.list('corp')).toEqual([]);
    expect(await state.audit.ofAnchor('corp', anchorOf(1))).toEqual([
      {
        sync: 'corp',
        runId: 'r1',
        anchor: anchorOf(1),
        genesysId: 'g1',
        userName: 'p1@example.com',
        kind: 'create',
        part: 0,
        step: '',
        before: { title: null },
        after: { displayName: 'Person 1' },
        reason: 'new in corp-ad',
        actor: 'alice',
        correlationId: 'c-1',
        request: REQUEST,
        at: new Date(now).toISOString(),
      },
    ]);
  });

  it('keeps nothing of a write whose link is refused', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2)]);
    await write(state, one, appliedResult(nthLink(1)));
    const two = { runId: 'r1', seq: 2 };
    await state.changes.claim(two, claimOf('b'));
    const stolen = appliedResult(nthLink(2, { genesysId: 'g1' }));
    await expect(state.changes.applied(two, 'b', stolen)).rejects.toMatchObject({ code: 'identity.login-taken' });
    expect(await status(two)).toBe('writing');
    expect(await state.audit.ofAnchor('corp', anchorOf(2))).toEqual([]);
    expect((await state.runs.get('r1'))?.requests.write).toBe(1);
  });

  it('replaces the link of a person and counts links', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3)]);
    for (const n of [1, 2, 3]) await write(state, { runId: 'r1', seq: n }, appliedResult(nthLink(n)));
    await plan(state, 'r2', [nthChange(2, { kind: 'deactivate' })]);
    const off = nthLink(2, { active: false, userName: 'other@example.com', version: null });
    await write(state, { runId: 'r2', seq: 1 }, appliedResult(off, { origin: null }));
    expect(await state.links.byGenesysId('corp', 'g2')).toEqual(off);
    expect(await state.links.counts('corp')).toEqual({ active: 2, total: 3 });
    expect(await state.links.counts('other')).toEqual({ active: 0, total: 0 });
  });

  it('parks a failure and doubles the wait from run to run, up to a day', async () => {
    const waits: number[] = [];
    for (let n = 0; n < 13; n++) {
      const ref = { runId: `r${n}`, seq: 1 };
      await plan(state, ref.runId, [nthChange(1)]);
      await state.changes.claim(ref, claimOf('a'));
      now += 1_000;
      expect(await state.changes.park(ref, 'a', FAILURE, { ...NO_REQUESTS, write: 1 })).toBe(true);
      expect(await state.changes.park(ref, 'a', FAILURE, { ...NO_REQUESTS, write: 1 })).toBe(true);
      expect((await state.runs.get(ref.runId))?.requests.write).toBe(1);
      const [row] = await state.parked.list('corp');
      expect(row).toMatchObject({ attempts: n + 1, runId: ref.runId, lastAt: new Date(now).toISOString(), ...FAILURE });
      waits.push((Date.parse(row?.nextAttemptAt ?? '') - now) / 60_000);
      await state.runs.close(ref.runId, END);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_440, 1_440]);
    const [row] = await state.parked.list('corp');
    expect(row?.firstAt).toBe(new Date(now - 12_000).toISOString());
    expect(await state.parked.oldest('corp')).toBe(row?.firstAt);
    expect(await state.parked.oldest('other')).toBeNull();
    expect(row).toMatchObject({ userName: 'p1@example.com', displayName: 'Ann Lee', kind: 'create' });
  });

  it('parks without a token whatever has not ended, and nothing that has', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3)]);
    await state.changes.claim({ runId: 'r1', seq: 2 }, claimOf('a'));
    await write(state, { runId: 'r1', seq: 3 }, appliedResult(nthLink(3)));
    const parked = [1, 2, 3, 4].map((seq) => state.changes.park({ runId: 'r1', seq }, null, FAILURE, null));
    expect(await Promise.all(parked)).toEqual([true, true, false, false]);
    expect(await state.changes.park(one, null, FAILURE, null)).toBe(false);
    expect(await state.changes.applied({ runId: 'r1', seq: 2 }, 'a', appliedResult(nthLink(2)))).toBe(false);
    expect(await state.parked.count('corp')).toBe(2);
    const pages = [];
    for await (const page of state.parked.anchors('corp', 1)) pages.push(page);
    expect(pages).toEqual([[anchorOf(1)], [anchorOf(2)]]);
    await state.runs.close('r1', END);
    await plan(state, 'r2', [nthChange(2)]);
    await state.parked.settle('other', 'r2', { onlyRead: false });
    expect(await state.parked.count('corp')).toBe(2);
    await state.parked.settle('corp', 'r2', { onlyRead: false });
    expect((await state.parked.list('corp')).map((row) => row.anchor)).toEqual([anchorOf(2)]);
  });

  it('names the writes that a run ended from outside left open', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3)]);
    await state.changes.claim({ runId: 'r1', seq: 2 }, claimOf('a'));
    const opened = { terminated: ['r1'], unfinished: [{ runId: 'r1', seq: 2 }] };
    expect(await state.runs.open(runStart('r2'))).toEqual(opened);
    expect(await state.runs.open(runStart('r2'))).toEqual(opened);
    expect(await state.runs.get('r1')).toMatchObject({ outcome: 'terminated' });
    expect((await state.changes.counts('r1')).create).toMatchObject({ planned: 3, superseded: 2 });
    await state.changes.applied({ runId: 'r1', seq: 2 }, 'a', appliedResult(nthLink(2)));
    expect((await state.runs.open(runStart('r2'))).unfinished).toEqual([]);
  });

  it('finds what runs without approval applied since a time, and the audit trail of a run', async () => {
    await plan(state, 'r1', [nthChange(1), nthChange(2), nthChange(3, { kind: 'deactivate' })]);
    for (const seq of [1, 2, 3]) {
      now += 60_000;
      await write(state, { runId: 'r1', seq }, appliedResult(nthLink(seq)));
    }
    const since = (ms: number) => new Date(now - ms).toISOString();
    await state.runs.close('r1', END);
    await state.runs.open(runStart('r2', { mode: 'approved', batch: 'some-batch' }));
    await plan(state, 'r2', [nthChange(4, { kind: 'deactivate' })]);
    await write(state, { runId: 'r2', seq: 1 }, appliedResult(nthLink(4)));
    expect(await state.audit.appliedSince('corp', ['deactivate'], since(3_600_000))).toBe(1);
    expect(await state.audit.appliedSince('corp', ['create', 'deactivate'], since(60_000))).toBe(2);
    expect(await state.audit.appliedSince('corp', ['create'], since(0))).toBe(0);
    expect(await state.audit.appliedSince('corp', [], since(3_600_000))).toBe(0);
    expect(await state.audit.appliedSince('other', ['create'], since(3_600_000))).toBe(0);
    const seen = [];
    for await (const page of state.audit.ofRun('r1', 2)) seen.push(page.map((row) => row.genesysId));
    expect(seen).toEqual([['g1', 'g2'], ['g3']]);
  });
});
