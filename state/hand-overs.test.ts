import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedChange } from '../model/change.ts';
import type { Entry } from '../model/entry.ts';
import { nthChange, nthDesired, nthLink, plan, storeLinks } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

const renames = (n: number, from: string, to: string, more: Partial<PlannedChange> = {}): PlannedChange =>
  nthChange(n, { kind: 'update', genesysId: `g${n}`, before: { userName: from }, after: { userName: to }, ...more });

describe.each(ENGINES)('logins that change hands, on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  const members = async (hash: string | undefined) => {
    const anchors: string[] = [];
    for await (const page of state.batches.anchors(hash ?? '')) anchors.push(...page);
    return anchors;
  };
  const hold = (kinds: PlannedChange['kind'][]) =>
    state.batches.create('r1', {
      ...{ kinds, reasons: [], configHash: 'config-1', dryRun: false },
      expiresAt: '2099-01-01T00:00:00.000Z',
    });

  it('are known of every change that gives one away or takes one over, and of nobody else', async () => {
    const taker = nthChange(3, { awaits: { genesysId: 'g1', displayName: 'Person 1' } });
    const same = renames(2, 'Ann@example.com', 'ann@example.com');
    await plan(state, 'r1', [renames(1, 'a@example.com', 'b@example.com'), same, taker, nthChange(4)]);
    expect(await state.changes.handOvers('r1')).toEqual([
      { anchor: anchorOf(1), kind: 'update', genesysId: 'g1', awaits: null, frees: true, heldBecause: null },
      { anchor: anchorOf(3), kind: 'create', genesysId: null, awaits: 'g1', frees: false, heldBecause: null },
    ]);
    await state.changes.holdPeople('r1', [anchorOf(3)], 'the login waits');
    expect(await members((await hold([]))?.hash)).toEqual([anchorOf(3)]);
  });

  it('are swapped in two parts, each in its wave, which are one member of a batch', async () => {
    const swapped = [
      renames(1, 'a@example.com', 'm@example.com'),
      renames(1, 'm@example.com', 'b@example.com', { part: 1 }),
    ];
    await plan(state, 'r1', [nthChange(2), ...swapped]);
    await state.changes.setWaves('r1', [
      { anchor: anchorOf(1), kind: 'update', part: 0, wave: 0 },
      { anchor: anchorOf(1), kind: 'update', part: 1, wave: 2 },
    ]);
    await state.changes.number('r1');
    const rows = await Promise.all([1, 2, 3].map((seq) => state.changes.get('r1', seq)));
    expect(rows.map((row) => [row?.wave, row?.change.kind, row?.change.part ?? 0])).toEqual([
      [0, 'create', 0],
      [0, 'update', 0],
      [2, 'update', 1],
    ]);
    const batch = await hold(['update']);
    expect(batch?.size).toBe(1);
    expect((await state.changes.counts('r1')).update).toMatchObject({ planned: 2, held: 2 });
  });

  it('end a deactivation of somebody whom a recycle retires, unless that one waits for a person', async () => {
    const leaver = (n: number) => nthChange(n, { kind: 'deactivate', genesysId: `g${n}` });
    const recycle = nthChange(5, { kind: 'recycle', genesysId: 'g1' });
    const waiting = nthChange(6, { kind: 'recycle', genesysId: 'g2', heldBecause: 'a person decides' });
    await plan(state, 'r1', [leaver(1), leaver(2), recycle, waiting]);
    expect(await state.changes.countRetiredLeavers('r1')).toBe(1);
    await state.changes.dropRetiredLeavers('r1');
    expect((await state.changes.counts('r1')).deactivate.planned).toBe(1);
  });

  it('are held by people in whatever state the run found them, retired ones excepted', async () => {
    await storeLinks(
      state,
      [1, 2, 3, 4, 5].map((n) => nthLink(n, { userName: 'one@example.com' })),
    );
    await state.runs.open(runStart('r1'));
    const row = (n: number, more: object) => ({
      ...{ anchor: anchorOf(n), directory: 'corp-ad', dn: `CN=${n}`, problems: [], disabledBecause: null },
      desired: nthDesired(n, more),
    });
    await state.desired.add('r1', [
      row(1, { userName: 'one@example.com' }),
      row(2, { userName: 'two@example.com' }),
      row(3, { active: false }),
      { ...row(4, {}), desired: null },
    ]);
    const linked = (await state.desired.holders('r1', 'corp', ['one@example.com'])).get('one@example.com') ?? [];
    const entries = linked.filter(({ via }) => via === 'link').map(({ entry }) => entry);
    expect(entries).toEqual(['stays', 'leaves', 'disabled', 'invalid', 'absent']);
    expect(
      await state.desired.takenLogins('r1', 'corp', ['ONE@example.com', 'nobody@example.com', 'two@example.com']),
    ).toEqual(new Set(['one@example.com', 'two@example.com']));
  });

  it('are numbered for ever once a number was given', async () => {
    await storeLinks(state, [nthLink(1, { suffix: 3 }), nthLink(2)]);
    expect(await state.links.suffixes('corp')).toEqual(new Map([[anchorOf(1), 3]]));
    expect((await state.links.byAnchor('corp', [anchorOf(1)])).get(anchorOf(1))?.suffix).toBe(3);
  });

  it('are there under other anchors: such people are found among those whom a run did not read', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2), nthLink(3)]);
    await state.runs.open(runStart('r1'));
    const entry: Entry = {
      ...{
        directory: 'corp-ad',
        vendor: 'ad',
        anchor: anchorOf(3),
        dn: 'CN=3',
        dnKey: 'cn=3',
        stamp: '1',
        stampScope: '',
      },
      ...{ enabled: true, disabledBecause: null, dueAt: null, attributes: {} },
    };
    await state.staging.begin('r1', 'corp-ad', 1);
    await state.staging.add('r1', 'corp-ad', 1, [entry]);
    await state.staging.complete('r1', 'corp-ad', 1, { read: 1, inScope: 1, referrals: [] });
    const successor = nthDesired(8, { userName: 'P1@example.com' });
    await state.desired.add('r1', [
      {
        anchor: anchorOf(8),
        directory: 'corp-ad',
        dn: 'CN=8',
        problems: [],
        disabledBecause: null,
        desired: successor,
      },
    ]);
    const { absent, pages } = await state.desired.replacedAnchors('r1', 'corp', ['corp-ad']);
    const found = [];
    for await (const page of pages) found.push(...page);
    expect({ absent, found }).toEqual({ absent: 2, found: [{ written: nthLink(1).written, desired: successor }] });
  });
});
