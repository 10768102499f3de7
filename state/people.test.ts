import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import {
  appliedResult,
  nthChange,
  nthDesired,
  nthLink,
  plan,
  storeLinks,
  write,
} from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { PersonName } from './people.ts';
import type { State } from './state.ts';

const dnOf = (n: number): string => `CN=Person ${n},OU=Agents,DC=corp,DC=example`;
const dnKeyOf = (n: number): string => dnOf(n).toLowerCase();
const entryOf = (n: number): Entry => ({
  ...{ directory: 'corp-ad', vendor: 'ad', anchor: anchorOf(n), dn: dnOf(n), dnKey: dnKeyOf(n), stamp: '1' },
  ...{ stampScope: '', enabled: true, disabledBecause: null, dueAt: null, attributes: {} },
});

describe.each(ENGINES)('people on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  const found = async (name: PersonName, sync = 'corp') =>
    (await state.people.find(sync, name)).map(({ anchor, via }) => `${via} ${Number(anchor.slice(-2))}`);
  /** A complete read of these people, mapped when they have a login. */
  const read = async (runId: string, numbers: number[]) => {
    await state.runs.open(runStart(runId));
    await state.staging.begin(runId, 'corp-ad', 1);
    await state.staging.add(runId, 'corp-ad', 1, numbers.map(entryOf));
    await state.staging.complete(runId, 'corp-ad', 1, { read: 1, inScope: 1, referrals: [] });
  };
  const desire = (runId: string, n: number) =>
    state.desired.add(runId, [
      {
        anchor: anchorOf(n),
        directory: 'corp-ad',
        dn: dnOf(n),
        desired: nthDesired(n),
        problems: [],
        disabledBecause: null,
      },
    ]);

  it('are found by anchor, Genesys id and login, in their own sync alone', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2)]);
    expect(await found({ id: anchorOf(1) })).toEqual(['link 1']);
    expect(await found({ id: 'g2' })).toEqual(['link 2']);
    expect(await found({ login: 'P1@Example.com' })).toEqual(['link 1']);
    expect(await found({ login: 'p1' })).toEqual([]);
    expect(await found({ login: 'p1@example.com' }, 'other')).toEqual([]);
    expect((await state.people.find('corp', { id: 'g1' }))[0]).toEqual({
      ...{ anchor: anchorOf(1), userName: 'p1@example.com', displayName: 'Person 1' },
      ...{ dn: nthLink(1).dn, via: 'link' },
    });
  });

  it('are found by DN: those linked, and those only read', async () => {
    await read('r1', [1, 2]);
    await state.changes.begin('r1');
    await state.changes.add('r1', 'corp', [nthChange(1)]);
    await state.changes.number('r1');
    await write(state, { runId: 'r1', seq: 1 }, appliedResult(nthLink(1, { dn: dnOf(1) })));
    expect(await found({ dnKey: dnKeyOf(1) })).toEqual(['link 1']);
    expect(await found({ dnKey: dnKeyOf(2) })).toEqual(['read 2']);
    expect(await state.people.find('corp', { dnKey: dnKeyOf(2) })).toMatchObject([{ dn: dnOf(2), userName: '' }]);
    expect(await found({ dnKey: dnKeyOf(3) })).toEqual([]);
  });

  it('of a read that was not completed are not found', async () => {
    await state.runs.open(runStart('r1'));
    await state.staging.begin('r1', 'corp-ad', 1);
    await state.staging.add('r1', 'corp-ad', 1, [entryOf(1)]);
    expect(await found({ dnKey: dnKeyOf(1) })).toEqual([]);
  });

  it('with one login are all found, the linked one first and each once', async () => {
    await storeLinks(state, [nthLink(3, { userName: 'p1@example.com', active: false })]);
    const parked = { code: 'identity.login-taken', message: 'give one of the two another login' };
    await plan(state, 'r1', [nthChange(1, { parked })]);
    await desire('r1', 1);
    expect(await found({ login: 'p1@example.com' })).toEqual(['link 3', 'parked 1']);
    expect(await state.people.parked('corp', anchorOf(1))).toMatchObject({ code: 'identity.login-taken', attempts: 1 });
    expect(await state.people.parked('corp', anchorOf(3))).toBeNull();
  });

  it('who were never written are found as a run mapped them', async () => {
    await read('r1', [4]);
    await desire('r1', 4);
    expect(await found({ login: 'p4@example.com' })).toEqual(['desired 4']);
    expect(await found({ id: anchorOf(4) })).toEqual(['desired 4']);
  });

  it('are found by the mail address that was written, and by a login of the past', async () => {
    const mail = { 'emails[type eq "work"]': { type: 'work', value: 'Ann.Lee@corp.example' }, title: 'x@corp.example' };
    await storeLinks(state, [nthLink(1, { userName: 'old@example.com' })]);
    await plan(state, 'r2', [nthChange(1, { kind: 'update', genesysId: 'g1' })]);
    const renamed = appliedResult(nthLink(1, { userName: 'new@example.com', written: mail }), { origin: null });
    await write(state, { runId: 'r2', seq: 1 }, renamed);
    expect(await found({ login: 'ann.lee@corp.example' })).toEqual(['link 1']);
    expect(await found({ login: 'x@corp.example' })).toEqual([]);
    expect(await found({ login: 'lee@corp.example' })).toEqual([]);
    expect(await found({ login: 'old@example.com' })).toEqual(['audit 1']);
    expect(await state.people.find('corp', { login: 'old@example.com' })).toMatchObject([
      { userName: 'new@example.com' },
    ]);
  });

  it('are told in which open batches their changes wait', async () => {
    const leaver = nthChange(1, { kind: 'deactivate', genesysId: 'g1', reason: 'gone', heldBecause: 'leavers.gone' });
    await plan(state, 'r1', [leaver, nthChange(2)]);
    const options = { reasons: ['51 are more than 50'], configHash: 'c', dryRun: false, expiresAt: '2027-01-01' };
    const batch = await state.batches.create('r1', { ...options, kinds: ['deactivate'] });
    expect(await state.people.holdings('corp', anchorOf(1))).toEqual([
      { batch, kind: 'deactivate', reason: 'gone', heldBecause: 'leavers.gone' },
    ]);
    expect(await state.people.holdings('corp', anchorOf(2))).toEqual([]);
    expect(await state.people.holdings('other', anchorOf(1))).toEqual([]);
    await state.batches.decide(batch?.hash ?? '', { status: 'rejected', by: 'bob', reason: null });
    expect(await state.people.holdings('corp', anchorOf(1))).toEqual([]);
  });

  it('have the notes of the last run that mapped them', async () => {
    const note = {
      anchor: anchorOf(1),
      dn: dnOf(1),
      severity: 'warning',
      attribute: 'title',
      problem: 'too long',
    } as const;
    await state.runs.open(runStart('r1'));
    await state.runs.addNotes('r1', [note, { ...note, anchor: anchorOf(2) }]);
    await state.runs.open(runStart('r2'));
    expect(await state.people.lastNotes('corp', anchorOf(1))).toMatchObject({ run: { runId: 'r1' }, notes: [note] });
    await desire('r2', 1);
    expect(await state.people.lastNotes('corp', anchorOf(1))).toMatchObject({ run: { runId: 'r2' }, notes: [] });
    expect(await state.people.lastNotes('corp', anchorOf(3))).toBeNull();
    expect(await state.people.lastNotes('other', anchorOf(1))).toBeNull();
  });
});
