import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nthChange, nthLink, plan, REQUEST, storeLinks } from '../test/support/stored-people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

const ANN = { anchor: anchorOf(1), userName: 'p1@example.com', displayName: 'Person 1', dn: 'CN=1' };
const WORD = { reason: 'ticket 4711', actor: 'olga' };

describe.each(ENGINES)('ties by hand on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  const tied = async () => [...(await state.ties.byAnchor('corp', [anchorOf(1), anchorOf(2)]))];

  it('stand until another word, once each, however often they are said', async () => {
    for (const genesysId of ['g1', 'g1', 'g2']) await state.ties.tie('corp', ANN, { ...WORD, genesysId });
    expect(await tied()).toEqual([[anchorOf(1), { ...WORD, genesysId: 'g2' }]]);
    expect(await state.ties.untie('corp', ANN, WORD)).toEqual({ link: null, genesysId: 'g2' });
    expect(await tied()).toEqual([]);
    expect(await state.ties.untie('corp', ANN, WORD)).toBe('none');
    const said = (await state.ties.history('corp', anchorOf(1))).map(({ action, genesysId }) => [action, genesysId]);
    expect(said).toEqual([
      ['link', 'g1'],
      ['link', 'g2'],
      ['unlink', 'g2'],
    ]);
    expect(await state.ties.history('other', anchorOf(1))).toEqual([]);
  });

  it('end with the link forgotten, and what was parked about it', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2)]);
    const failure = { code: 'genesys.not-found', message: 'The user was deleted in Genesys Cloud.' };
    await plan(state, 'failing', [nthChange(1, { kind: 'update', genesysId: 'g1', parked: failure })]);
    expect(await state.parked.count('corp')).toBe(1);
    expect(await state.ties.untie('corp', ANN, WORD)).toMatchObject({ link: { genesysId: 'g1' }, genesysId: 'g1' });
    expect(await state.links.byGenesysId('corp', 'g1')).toBeNull();
    expect(await state.links.counts('corp')).toEqual({ active: 1, total: 1 });
    expect(await state.parked.count('corp')).toBe(0);
  });

  it('cannot end while a change of the person, or one that takes his user, is being written', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2)]);
    const [own, heir] = [
      nthChange(1, { kind: 'update', genesysId: 'g1' }),
      nthChange(3, { kind: 'rebind', genesysId: 'g2' }),
    ];
    await plan(state, 'writing', [own, heir]);
    for (const seq of [1, 2])
      await state.changes.claim({ runId: 'writing', seq }, { token: `t${seq}`, request: REQUEST });
    expect(await state.ties.untie('corp', ANN, WORD)).toBe('busy');
    expect(await state.ties.untie('corp', { ...ANN, anchor: anchorOf(2) }, WORD)).toBe('busy');
    expect((await state.links.counts('corp')).total).toBe(2);
  });

  it('are asked for beside the name of the person', async () => {
    await state.asked.ask('run', 'corp', { way: 'login', text: 'ann' });
    await state.asked.askTie('run', 'corp', { user: 'a.lee', reason: 'because' });
    await state.asked.answer('run', 'corp', anchorOf(1));
    const tie = { user: 'a.lee', reason: 'because' };
    expect(await state.asked.get('run')).toEqual({ name: null, anchor: anchorOf(1), tie });
    await state.asked.askTie('other', 'corp', tie);
    expect(await state.asked.get('other')).toEqual({ name: null, anchor: null, tie });
  });

  it('caught up links are stored, but not over what another run wrote meanwhile', async () => {
    await storeLinks(state, [nthLink(1), nthLink(2)]);
    await state.runs.open(runStart('late'));
    const found = { link: nthLink(1, { active: false, userName: 'retired-1@example.com' }), retired: true };
    await state.links.catchUp('corp', 'late', [found]);
    expect((await state.links.byAnchor('corp', [anchorOf(1)])).get(anchorOf(1))).toEqual(found.link);
    expect(await state.links.counts('corp')).toEqual({ active: 1, total: 1 });
  });

  it('new anchors that a run gives are known before they are written', async () => {
    const rebind = { kind: 'rebind' as const, genesysId: 'g1' };
    await plan(state, 'run', [nthChange(1, rebind), nthChange(2), nthChange(3, { ...rebind, parked: PARKED })]);
    const rebound = await state.changes.rebound('run', [1, 2, 3].map(anchorOf));
    expect([...rebound]).toEqual([[anchorOf(1), 'g1']]);
  });
});

const PARKED = { code: 'identity.ambiguous', message: 'Several people have one number.' };
