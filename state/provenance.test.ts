import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../model/candidate.ts';
import type { Provenance } from '../model/entry.ts';
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
import { hashDesired } from './hash.ts';
import type { State } from './state.ts';

const OLD: Provenance = { sid: 'S-1-5-21-1-2-3-1104', formerSids: [], createdAt: '2024-03-01T08:15:00.000Z' };
const MOVED: Provenance = {
  sid: 'S-1-5-21-7-8-9-2001',
  formerSids: ['S-1-5-21-1-2-3-1104', 'S-1-5-21-4-5-6-1105'],
  createdAt: '2026-11-20T10:00:00.000Z',
};

describe.each(ENGINES)('where entries come from on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
  });
  afterAll(() => place.close());

  /** A run that read these people and mapped them, as the plan does. */
  const read = async (runId: string, people: [n: number, provenance: Provenance | undefined][]) => {
    await state.runs.open(runStart(runId));
    const rows = people.map(([n, provenance]) => {
      const desired = nthDesired(n);
      const { anchor, directory, dn } = desired;
      return { anchor, directory, dn, desired, problems: [], disabledBecause: null, provenance };
    });
    await state.desired.add(runId, rows);
  };
  const inStep = (n: number) => nthLink(n, { writtenHash: hashDesired(nthDesired(n)) });
  const ofLink = async (n: number) =>
    (await state.links.byAnchor('corp', [anchorOf(n)])).get(anchorOf(n))?.provenance ?? null;
  const candidates = async (runId: string): Promise<Candidate[]> => {
    const all: Candidate[] = [];
    const options = { absent: true, directories: ['corp-ad'] };
    for await (const page of state.desired.candidates(runId, 'corp', options)) all.push(...page);
    return all;
  };

  it('is told of newcomers', async () => {
    await read('r1', [
      [1, MOVED],
      [2, undefined],
    ]);
    expect((await candidates('r1')).map(({ provenance }) => provenance)).toEqual([MOVED, undefined]);
  });

  it('is learnt by links of before from the next read, which is no change of the person', async () => {
    await storeLinks(state, [inStep(1), inStep(2)]);
    expect(await ofLink(1)).toBeNull();
    await read('r1', [
      [1, OLD],
      [2, MOVED],
    ]);
    const before = await state.links.standing('corp', anchorOf(1), 'r1');
    await state.links.noteProvenance('corp', 'r1');
    expect([await ofLink(1), await ofLink(2)]).toEqual([OLD, MOVED]);
    expect(await candidates('r1')).toEqual([]);
    expect(await state.desired.unchanged('r1', 'corp')).toBe(2);
    expect(await state.links.standing('corp', anchorOf(1), 'r1')).toEqual(before);
  });

  it('is kept of people who are gone, who hold a login, and where a read lacks it', async () => {
    await storeLinks(state, [inStep(1)]);
    await read('r1', [[1, MOVED]]);
    await state.links.noteProvenance('corp', 'r1');
    await read('r2', [[1, { sid: null, formerSids: [], createdAt: '2026-11-21T00:00:00.000Z' }]]);
    await state.links.noteProvenance('corp', 'r2');
    const kept = { ...MOVED, createdAt: '2026-11-21T00:00:00.000Z' };
    await read('r3', [[2, undefined]]);
    await state.links.noteProvenance('corp', 'r3');
    expect(await ofLink(1)).toEqual(kept);
    const gone = (await candidates('r3')).find(({ present }) => !present);
    expect(gone).toMatchObject({ anchor: anchorOf(1), link: { provenance: kept } });
    const [holder] = (await state.desired.holders('r3', 'corp', ['p1@example.com'])).get('p1@example.com') ?? [];
    expect(holder?.link?.provenance).toEqual(kept);
  });

  it('stands on the link with the write, and outlives one that read nobody', async () => {
    await plan(state, 'r1', [nthChange(1)]);
    await read('r1', [[1, OLD]]);
    await write(state, { runId: 'r1', seq: 1 }, appliedResult(nthLink(1)));
    expect(await ofLink(1)).toEqual(OLD);
    await plan(state, 'r2', [nthChange(1, { kind: 'deactivate', genesysId: 'g1' })]);
    await write(state, { runId: 'r2', seq: 1 }, appliedResult(nthLink(1, { active: false }), { origin: null }));
    expect(await ofLink(1)).toEqual(OLD);
  });

  it('is that of the new entry alone when a link moves to another anchor', async () => {
    await storeLinks(state, [nthLink(1)]);
    await read('r1', [[1, MOVED]]);
    await state.links.noteProvenance('corp', 'r1');
    await plan(state, 'r2', [nthChange(2, { kind: 'rebind', genesysId: 'g1' })]);
    const young = { sid: null, formerSids: [], createdAt: '2026-11-25T09:00:00.000Z' };
    await read('r2', [[2, young]]);
    const moved = appliedResult(nthLink(2, { genesysId: 'g1' }), { origin: null, movedFrom: anchorOf(1) });
    await write(state, { runId: 'r2', seq: 1 }, moved);
    expect(await ofLink(2)).toEqual(young);
  });
});
