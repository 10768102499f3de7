import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nthChange, nthLink, plan, storeLinks } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import { hashBatch } from './hash.ts';
import type { BatchStore, State } from './state.ts';

type Options = Parameters<BatchStore['create']>[1];
const EXPIRES = '2999-01-01T00:00:00.000Z';
const options = (more: Partial<Options> = {}): Options => ({
  kinds: [],
  reasons: ['51 deactivations are more than 50'],
  configHash: 'config-1',
  dryRun: false,
  expiresAt: EXPIRES,
  ...more,
});
const BY_BOB = { status: 'approved', by: 'bob', reason: null } as const;

describe.each(ENGINES)('held batches on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  const MIXED = [
    nthChange(1),
    nthChange(2, { kind: 'deactivate', genesysId: 'g2' }),
    nthChange(3, { kind: 'deactivate', genesysId: 'g3' }),
    nthChange(4, { kind: 'update', genesysId: 'g4', heldBecause: 'no longer in scope' }),
  ];
  const collect = async (hash: string) => {
    const anchors = [];
    for await (const page of state.batches.anchors(hash, 2)) anchors.push(...page);
    return anchors;
  };
  const held = async (runId: string) =>
    Object.values(await state.changes.counts(runId)).reduce((sum, counts) => sum + counts.held, 0);
  const end = (runId: string) => state.runs.close(runId, { outcome: 'held', error: null, heldBatch: null });

  it('tell who of their creates and adoptions has a link, to a deleted user, and keep to that user', async () => {
    await storeLinks(
      state,
      [1, 2, 3].map((n) => nthLink(n)),
    );
    const anew = (n: number) => nthChange(n, { genesysId: `g${n}`, heldBecause: 'deleted' });
    const others = [nthChange(4), nthChange(3, { kind: 'update', genesysId: 'g3' })];
    await plan(state, 'r1', [anew(1), nthChange(2, { kind: 'adopt', genesysId: 'g9', heldBecause: 'odd' }), ...others]);
    const hash = (await state.batches.create('r1', options({ kinds: 'all' })))?.hash ?? '';
    expect(await state.batches.replacements(hash)).toEqual([1, 2].map(anchorOf));
  });

  it('take the kinds over a limit and what waits anyhow', async () => {
    await plan(state, 'r1', MIXED);
    const batch = await state.batches.create('r1', options({ kinds: ['deactivate'] }));
    const members = MIXED.slice(1).map(({ anchor, kind, genesysId }) => ({ anchor, kind, genesysId }));
    expect(batch).toMatchObject({
      hash: hashBatch('r1', members),
      sync: 'corp',
      runId: 'r1',
      status: 'open',
      size: 3,
      reasons: ['51 deactivations are more than 50'],
      expiresAt: EXPIRES,
      decidedAt: null,
    });
    expect(await state.changes.counts('r1')).toMatchObject({
      create: { planned: 1, held: 0 },
      deactivate: { planned: 2, held: 2 },
      update: { planned: 1, held: 1 },
    });
    expect(await collect(batch?.hash ?? '')).toEqual([2, 3, 4].map(anchorOf));
    expect(await state.batches.openMembers('corp')).toEqual(
      new Map([
        [anchorOf(2), ['deactivate']],
        [anchorOf(3), ['deactivate']],
        [anchorOf(4), ['update']],
      ]),
    );
    expect(await state.batches.get('corp', batch?.hash ?? '')).toEqual(batch);
    expect(await state.batches.get('other', batch?.hash ?? '')).toBeNull();
    expect(await state.batches.create('r1', options({ kinds: 'all' }))).toEqual(batch);
  });

  it('are none where nothing waits, nor of what an older batch holds', async () => {
    await plan(state, 'r1', [nthChange(1)]);
    await state.changes.addHeld('r1', 'corp', [nthChange(2)]);
    expect(await state.batches.create('r1', options({ kinds: ['update'] }))).toBeNull();
    const batch = await state.batches.create('r1', options({ kinds: 'all' }));
    expect(await collect(batch?.hash ?? '')).toEqual([anchorOf(1)]);
    expect(await held('r1')).toBe(2);
  });

  it('are one a run even when asked for twice at once', async () => {
    await plan(state, 'r1', MIXED);
    const batches = await Promise.all([1, 2, 3].map(() => state.batches.create('r1', options({ kinds: 'all' }))));
    expect(new Set(batches.map((batch) => batch?.hash)).size).toBe(1);
    expect(await collect(batches[0]?.hash ?? '')).toHaveLength(4);
  });

  it('are decided once; a rejected or expired one supersedes what it held', async () => {
    await plan(state, 'r1', MIXED);
    const { hash = '' } = (await state.batches.create('r1', options({ kinds: ['deactivate'] }))) ?? {};
    const decision = { status: 'rejected', by: 'bob', reason: 'not these' } as const;
    expect(await state.batches.decide(hash, decision)).toBe(true);
    expect(await state.batches.decide(hash, decision)).toBe(true);
    expect(await state.batches.decide(hash, BY_BOB)).toBe(false);
    expect(await state.batches.decide('unknown', BY_BOB)).toBe(false);
    expect(await state.batches.get('corp', hash)).toMatchObject({
      status: 'rejected',
      decidedBy: 'bob',
      decisionReason: 'not these',
    });
    expect((await state.changes.counts('r1')).deactivate).toMatchObject({ planned: 2, held: 0, superseded: 2 });
    expect((await state.changes.counts('r1')).create).toMatchObject({ planned: 1, superseded: 0 });
    expect(await state.batches.openMembers('corp')).toEqual(new Map());
  });

  it('are approved by exactly one of two people', async () => {
    await plan(state, 'r1', MIXED);
    const { hash = '' } = (await state.batches.create('r1', options({ kinds: 'all' }))) ?? {};
    const people = ['ann', 'bob', 'cleo', 'dan'];
    const won = await Promise.all(people.map((by) => state.batches.decide(hash, { ...BY_BOB, by })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await state.batches.get('corp', hash))?.decidedBy).toBe(people[won.indexOf(true)]);
    expect(await held('r1')).toBe(4);
  });

  it('keep their people out of later plans until the run that carries them out has planned', async () => {
    await plan(state, 'r1', MIXED);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { hash = '' } =
      (await state.batches.create('r1', { ...options({ kinds: ['deactivate'] }), expiresAt })) ?? {};
    await state.runs.close('r1', { outcome: 'held', error: null, heldBatch: hash });
    const open = await state.batches.openMembers('corp');
    expect(open.size).toBe(3);
    await state.batches.decide(hash, BY_BOB);
    expect(await state.batches.openMembers('corp')).toEqual(open);
    await state.runs.open(runStart('r2', { mode: 'approved', batch: hash }));
    expect(await state.batches.openMembers('corp')).toEqual(open);
    await state.changes.begin('r2');
    expect(await state.batches.openMembers('corp')).toEqual(new Map());
  });

  it('of a dry run have the whole plan and freeze nobody', async () => {
    await state.runs.open(runStart('r1', { dryRun: true }));
    await plan(state, 'r1', [...MIXED, nthChange(5, { parked: { code: 'x', message: 'fails' } })]);
    const batch = await state.batches.create('r1', options({ kinds: ['deactivate'], dryRun: true }));
    expect(batch).toMatchObject({ size: 4, dryRun: true });
    expect(await state.changes.counts('r1')).toMatchObject({
      create: { planned: 2, held: 0, parked: 1 },
      deactivate: { planned: 2, held: 2 },
      update: { planned: 1, held: 1 },
    });
    expect(await state.batches.openMembers('corp')).toEqual(new Map());
    await end('r1');
    expect((await state.runs.report('r1'))?.changes.create).toEqual({
      planned: 2,
      applied: 0,
      parked: 1,
      held: 0,
      superseded: 0,
    });
    expect(await state.batches.voidOutdated('corp', 'config-1')).toEqual([batch?.hash]);
    expect(await held('r1')).toBe(3);
  });

  it('become void after their expiry, even when nobody was left to say so', async () => {
    await plan(state, 'r1', MIXED);
    const past = new Date(Date.now() - 1_000).toISOString();
    const late = await state.batches.create('r1', options({ kinds: ['deactivate'], expiresAt: past }));
    await end('r1');
    expect(await state.batches.voidOutdated('corp', 'config-1')).toEqual([late?.hash]);
    expect(await state.batches.openMembers('corp')).toEqual(new Map());
    expect(await held('r1')).toBe(0);
  });

  it('become void with another configuration, and free whom they held', async () => {
    await plan(state, 'r1', MIXED);
    const old = await state.batches.create('r1', options({ kinds: ['deactivate'] }));
    await end('r1');
    await plan(state, 'r2', MIXED);
    const current = await state.batches.create('r2', options({ kinds: ['create'], configHash: 'config-2' }));
    expect(await state.batches.voidOutdated('corp', 'config-2')).toEqual([old?.hash]);
    expect(await state.batches.voidOutdated('corp', 'config-2')).toEqual([]);
    expect((await state.batches.get('corp', old?.hash ?? ''))?.status).toBe('void');
    expect([await held('r1'), await held('r2')]).toEqual([0, 2]);
    expect(await state.lookBack.openBatches('corp')).toEqual([current]);
  });

  it('are shown as the plan, the newest open one first, else the last plan', async () => {
    expect(await state.batches.plan('corp')).toEqual({ heldBatch: null, changes: [] });
    await plan(state, 'r1', MIXED);
    await end('r1');
    await state.runs.open(runStart('r2'));
    const kinds = async () => (await state.batches.plan('corp')).changes.map(({ anchor, kind }) => [anchor, kind]);
    expect(await kinds()).toEqual([
      [anchorOf(1), 'create'],
      [anchorOf(2), 'deactivate'],
      [anchorOf(3), 'deactivate'],
      [anchorOf(4), 'update'],
    ]);
    await plan(state, 'r2', [nthChange(9), nthChange(8, { kind: 'update' })]);
    const batch = await state.batches.create('r2', options({ kinds: ['update'] }));
    const { userName, reason, before, after } = nthChange(8);
    expect(await state.batches.plan('corp')).toEqual({
      heldBatch: batch?.hash,
      changes: [{ anchor: anchorOf(8), kind: 'update', userName, reason, before, after }],
    });
    await state.batches.decide(batch?.hash ?? '', BY_BOB);
    expect(await kinds()).toEqual([
      [anchorOf(9), 'create'],
      [anchorOf(8), 'update'],
    ]);
  });

  it('are forgotten with the plan they were made of', async () => {
    await plan(state, 'r1', MIXED);
    await state.batches.create('r1', options({ kinds: 'all' }));
    await plan(state, 'r1', [nthChange(1)]);
    expect(await state.lookBack.openBatches('corp')).toEqual([]);
    const batch = await state.batches.create('r1', options({ kinds: 'all' }));
    expect(batch?.size).toBe(1);
  });
});
