import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { linkOf, changeOf } from '../test/support/people.ts';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import type { State } from './state.ts';

function entryOf(n: number, more: Partial<Entry> = {}): Entry {
  return {
    directory: 'corp-ad',
    vendor: 'ad',
    anchor: anchorOf(n),
    dn: `CN=Person ${n},OU=Agents`,
    dnKey: `cn=person ${n},ou=agents`,
    stamp: `${n}`,
    stampScope: '',
    enabled: true,
    disabledBecause: null,
    dueAt: null,
    attributes: { mail: [`p${n}@example.com`], note: ['line\0break'] },
    ...more,
  };
}

async function collect<T>(pages: AsyncGenerator<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

describe.each(ENGINES)('staging on %s', (engine) => {
  let place: StatePlace;
  let state: State;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    state = await place.open();
    await state.runs.open(runStart('r1'));
  });
  afterAll(() => place.close());

  const counts = { read: 3, inScope: 2, referrals: ['ldap://other'] };
  async function read(runId: string, entries: Entry[], directory = 'corp-ad'): Promise<void> {
    await state.staging.begin(runId, directory, 1);
    await state.staging.add(runId, directory, 1, entries);
    await state.staging.complete(runId, directory, 1, counts);
  }

  it('shows nothing before the completeness mark', async () => {
    await state.staging.begin('r1', 'corp-ad', 1);
    await state.staging.add('r1', 'corp-ad', 1, [entryOf(1)]);
    expect(await collect(state.staging.pages('r1'))).toEqual([]);
    expect(await state.staging.marks('r1')).toEqual([]);
    expect(await state.staging.contains('r1', [anchorOf(1)])).toEqual(new Set());
    await state.staging.complete('r1', 'corp-ad', 1, counts);
    expect(await collect(state.staging.pages('r1'))).toEqual([entryOf(1)]);
    expect(await state.staging.marks('r1')).toEqual([{ directory: 'corp-ad', ...counts }]);
  });

  it('pages through everything in anchor order, each entry once', async () => {
    const numbers = Array.from({ length: 23 }, (_, n) => n);
    await read(
      'r1',
      numbers.map((n) => entryOf((n * 7) % 23)),
    );
    const sizes: number[] = [];
    const anchors: string[] = [];
    for await (const page of state.staging.pages('r1', 5)) {
      sizes.push(page.length);
      anchors.push(...page.map((entry) => entry.anchor));
    }
    expect(sizes).toEqual([5, 5, 5, 5, 3]);
    expect(anchors).toEqual(numbers.map(anchorOf));
  });

  it('forgets an earlier attempt and refuses what it still sends', async () => {
    await state.staging.begin('r1', 'corp-ad', 1);
    await state.staging.add('r1', 'corp-ad', 1, [entryOf(1), entryOf(2)]);
    await state.staging.begin('r1', 'corp-ad', 2);
    await expect(state.staging.add('r1', 'corp-ad', 1, [entryOf(3)])).rejects.toMatchObject({ code: 'state.busy' });
    await expect(state.staging.complete('r1', 'corp-ad', 1, counts)).rejects.toMatchObject({ code: 'state.busy' });
    await state.staging.add('r1', 'corp-ad', 2, [entryOf(2)]);
    await state.staging.complete('r1', 'corp-ad', 2, counts);
    expect(await collect(state.staging.pages('r1'))).toEqual([entryOf(2)]);
  });

  it('takes the same page twice, and the last of two entries with one anchor', async () => {
    await state.staging.begin('r1', 'corp-ad', 1);
    const page = [entryOf(1), entryOf(1, { stamp: 'later' })];
    await state.staging.add('r1', 'corp-ad', 1, page);
    await state.staging.add('r1', 'corp-ad', 1, page);
    await state.staging.complete('r1', 'corp-ad', 1, counts);
    expect(await collect(state.staging.pages('r1'))).toEqual([entryOf(1, { stamp: 'later' })]);
  });

  it('keeps directories and runs apart', async () => {
    await read('r1', [entryOf(1)]);
    await read('r1', [entryOf(2, { directory: 'branch' })], 'branch');
    await read('r2', [entryOf(3)]);
    await state.staging.begin('r1', 'branch', 2);
    expect(await collect(state.staging.pages('r1'))).toEqual([entryOf(1)]);
    expect(await collect(state.staging.pages('r2'))).toEqual([entryOf(3)]);
  });

  it('orders by bytes, whatever the language of the database', async () => {
    for (const name of ['b', 'A', 'a', 'B', 'a-b', 'ab']) await read('r1', [entryOf(1)], name);
    const names = (await state.staging.marks('r1')).map((mark) => mark.directory);
    expect(names).toEqual(['A', 'B', 'a', 'a-b', 'ab', 'b']);
  });

  it('finds anchors and DN keys of complete reads', async () => {
    await read('r1', [entryOf(1), entryOf(2)]);
    const keys = [anchorOf(1), 'cn=person 2,ou=agents', 'cn=person 3,ou=agents', anchorOf(9)];
    expect(await state.staging.contains('r1', keys)).toEqual(new Set([anchorOf(1), 'cn=person 2,ou=agents']));
    expect(await state.staging.contains('r1', [])).toEqual(new Set());
  });

  it('resolves a DN by this read, else the fallback, else the links, never to where somebody no longer is', async () => {
    await read('r0', [entryOf(1, { dnKey: 'dn-a' }), entryOf(2, { dnKey: 'dn-b' }), entryOf(3, { dnKey: 'dn-old' })]);
    await link(4, 'dn-d');
    await link(5, 'dn-e');
    await read('r1', [entryOf(6, { dnKey: 'dn-a' }), entryOf(3, { dnKey: 'dn-new' }), entryOf(5, { dnKey: 'dn-f' })]);
    const keys = ['dn-a', 'dn-b', 'dn-old', 'dn-new', 'dn-d', 'dn-e', 'dn-unknown'];
    const expected = new Map([
      ['dn-a', anchorOf(6)],
      ['dn-new', anchorOf(3)],
      ['dn-b', anchorOf(2)],
      ['dn-d', anchorOf(4)],
    ]);
    expect(await state.staging.anchorsByDn('corp', 'r1', 'r0', keys)).toEqual(expected);
    expected.delete('dn-b');
    expect(await state.staging.anchorsByDn('corp', 'r1', null, keys)).toEqual(expected);
  });

  /** A link as a write of an earlier run left it, with the DN of that time. */
  async function link(n: number, dnKey: string): Promise<void> {
    const runId = `earlier-${n}`;
    await state.runs.open(runStart(runId));
    await read(runId, [entryOf(n, { dnKey })]);
    await state.changes.add(runId, 'corp', [changeOf({ anchor: anchorOf(n) })]);
    await state.changes.number(runId);
    const request = { method: 'POST', genesysId: null, body: {} } as const;
    await state.changes.claim({ runId, seq: 1 }, { token: 't', request });
    const done = {
      link: linkOf({ anchor: anchorOf(n), genesysId: `g${n}` }),
      origin: 'created',
      before: null,
      after: null,
      reason: 'new',
      actor: 'alice',
      request: null,
      correlationId: null,
      requests: { token: 0, read: 0, write: 1, throttled: 0 },
    } as const;
    expect(await state.changes.applied({ runId, seq: 1 }, 't', done)).toBe(true);
    await state.runs.close(runId, { outcome: 'completed', error: null, heldBatch: null });
  }

  it('prunes all runs of a sync but those to keep', async () => {
    for (const runId of ['r2', 'r3']) await state.runs.open(runStart(runId));
    await state.runs.open(runStart('other', { sync: 'other' }));
    for (const runId of ['r1', 'r2', 'r3', 'other']) {
      await read(runId, [entryOf(1)]);
      await state.inventory.begin(runId);
      await state.inventory.add(runId, [{ id: 'g1', userName: 'a@example.com', active: true }]);
      await state.inventory.complete(runId);
    }
    await state.staging.prune('corp', ['r3']);
    for (const [runId, left] of [
      ['r1', 0],
      ['r2', 0],
      ['r3', 1],
      ['other', 1],
    ] as const) {
      expect(await collect(state.staging.pages(runId))).toHaveLength(left);
      expect(await state.staging.marks(runId)).toHaveLength(left);
      expect(await state.inventory.count(runId)).toBe(left);
      expect(await state.inventory.isComplete(runId)).toBe(left === 1);
    }
  });
});

describe('a large read in the embedded database', () => {
  it('is paged through without being held', { timeout: 120_000 }, async () => {
    const place = await statePlace('sqlite');
    const state = await place.open();
    const total = 100_000;
    const note = 'x'.repeat(600);
    await state.staging.begin('r1', 'corp-ad', 1);
    for (let from = 0; from < total; from += 5_000) {
      const page = Array.from({ length: 5_000 }, (_, n) => entryOf(from + n, { attributes: { note: [note] } }));
      await state.staging.add('r1', 'corp-ad', 1, page);
    }
    await state.staging.complete('r1', 'corp-ad', 1, { read: total, inScope: total, referrals: [] });
    const before = process.memoryUsage().rss;
    let seen = 0;
    let peak = before;
    for await (const page of state.staging.pages('r1', 1_000)) {
      seen += page.length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    await place.close();
    expect(seen).toBe(total);
    // The entries take 90 MB as text alone, several times that as objects.
    expect((peak - before) / 2 ** 20).toBeLessThan(80);
  });
});

describe.each(ENGINES)('the inventory on %s', (engine) => {
  let place: StatePlace;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  afterAll(() => place.close());

  it('is complete only when said so, and starts anew', async () => {
    const state = await place.open();
    await state.runs.open(runStart('r1'));
    expect(await state.inventory.isComplete('r1')).toBe(false);
    await state.inventory.begin('r1');
    const user = { id: 'g1', userName: 'Ann@Example.com', active: true };
    await state.inventory.add('r1', [user, { ...user, id: 'g2' }, user]);
    await state.inventory.add('r1', [user]);
    expect(await state.inventory.count('r1')).toBe(2);
    expect(await state.inventory.isComplete('r1')).toBe(false);
    await state.inventory.complete('r1');
    expect(await state.inventory.isComplete('r1')).toBe(true);
    await state.inventory.begin('r1');
    expect(await state.inventory.isComplete('r1')).toBe(false);
    expect(await state.inventory.count('r1')).toBe(0);
  });
});
