import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

const START = Date.parse('2026-11-23T10:00:00.000Z');

describe.each(ENGINES)('the shared pace on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
    state = await place.open();
  });
  afterAll(() => place.close());

  /** How many of `tries` requests at one moment are granted. */
  async function granted(clientId: string, perMinute: number, nowMs: number, tries: number): Promise<number> {
    const answers = await Promise.all(Array.from({ length: tries }, () => state.pace.take(clientId, perMinute, nowMs)));
    return answers.filter(({ waitMs }) => waitMs === 0).length;
  }

  it('grants what arrives in one second, then one at a time', async () => {
    expect(await granted('a', 300, START, 8)).toBe(5);
    expect(await state.pace.take('a', 300, START)).toEqual({ waitMs: 200, taken: false });
    expect(await state.pace.take('a', 300, START + 150)).toEqual({ waitMs: 50, taken: false });
    expect(await state.pace.take('a', 300, START + 200)).toEqual({ waitMs: 0, taken: true });
    expect(await state.pace.take('a', 300, START + 200)).toEqual({ waitMs: 200, taken: false });
    expect(await granted('a', 300, START + 60_000, 8)).toBe(5);
  });

  it('grants one at least, and keeps clients apart', async () => {
    expect(await granted('b', 6, START, 3)).toBe(1);
    expect(await state.pace.take('b', 6, START)).toEqual({ waitMs: 10_000, taken: false });
    expect(await state.pace.take('c', 6, START)).toEqual({ waitMs: 0, taken: true });
  });

  it('uses the whole allowance of a minute and no more than the burst beyond it', async () => {
    let now = START;
    let taken = 0;
    while (now < START + 60_000) {
      const { waitMs } = await state.pace.take('d', 120, now);
      if (waitMs === 0) taken += 1;
      else now += waitMs;
    }
    expect(taken).toBeGreaterThanOrEqual(120);
    expect(taken).toBeLessThanOrEqual(121);
  });

  it('tells a time after which asking again is granted', async () => {
    let client = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 0, max: 50 }),
        async (perMinute, gapMs) => {
          client += 1;
          let now = START;
          for (let n = 0; n < 6; n++) {
            const { waitMs } = await state.pace.take(`property-${client}`, perMinute, now);
            now += waitMs;
            const again = waitMs === 0 ? null : await state.pace.take(`property-${client}`, perMinute, now);
            expect(again?.waitMs ?? 0).toBe(0);
            now += gapMs;
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('grants nothing while blocked, and a shorter block does not end a longer one', async () => {
    await state.pace.blockUntil('e', START + 5_000);
    await state.pace.blockUntil('e', START + 1_000.5);
    expect(await state.pace.take('e', 300, START + 2_000)).toEqual({ waitMs: 3_000, taken: false });
    expect(await state.pace.take('e', 300, START + 5_000)).toEqual({ waitMs: 0, taken: true });
  });

  it('lets those who have patience go in the order in which they came', async () => {
    expect(await granted('g', 300, START, 5)).toBe(5);
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) waits.push((await state.pace.take('g', 300, START, { patienceMs: 600 })).waitMs);
    expect(waits).toEqual([200, 400, 600, 200]);
    expect(await state.pace.take('g', 300, START, { patienceMs: 600 })).toEqual({ waitMs: 200, taken: false });
    expect(await state.pace.take('g', 300, START + 200, { patienceMs: 600 })).toEqual({ waitMs: 600, taken: true });
    expect(await state.pace.take('g', 300, START + 200)).toEqual({ waitMs: 800, taken: false });
  });

  it('lets what is urgent go ahead of those who wait, out of the same allowance, and never against a block', async () => {
    expect(await granted('i', 300, START, 5)).toBe(5);
    const bulk = { patienceMs: 1_000 };
    const urgent = { patienceMs: 1_000, ahead: true };
    expect(await state.pace.take('i', 300, START, bulk)).toEqual({ waitMs: 200, taken: true });
    expect(await state.pace.take('i', 300, START, urgent)).toEqual({ waitMs: 0, taken: true });
    expect(await state.pace.take('i', 300, START, bulk)).toEqual({ waitMs: 600, taken: true });
    for (let n = 0; n < 2; n++) expect((await state.pace.take('i', 300, START, urgent)).taken).toBe(true);
    expect(await state.pace.take('i', 300, START, urgent)).toEqual({ waitMs: 200, taken: false });
    await state.pace.blockUntil('i', START + 5_000);
    expect(await state.pace.take('i', 300, START + 3_000, urgent)).toEqual({ waitMs: 2_000, taken: false });
  });

  it('tells whoever has taken a place that everything is blocked meanwhile', async () => {
    expect(await state.pace.blockedFor('h', START)).toBe(0);
    await state.pace.blockUntil('h', START + 3_000);
    expect(await state.pace.blockedFor('h', START + 1_000)).toBe(2_000);
    expect(await state.pace.blockedFor('h', START + 3_000)).toBe(0);
  });

  it('does not wait for a clock that was hours ahead', async () => {
    await state.pace.take('f', 300, START + 3_600_000);
    expect(await state.pace.take('f', 300, START)).toEqual({ waitMs: 0, taken: true });
    expect(await granted('f', 300, START, 8)).toBe(4);
  });
});
