import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlannedChange } from '../model/change.ts';
import type { RunMode } from '../model/run.ts';
import { changeOf, desiredUser, owned } from './support/people.ts';
import { runStart } from './support/state.ts';
import { patchOf, WriteBench } from './support/write-bench.ts';

/** A run of the sync, and a run on one person beside it. */
const [BULK, PERSON] = ['bulk', 'person'];

let bench: WriteBench;

beforeEach(async () => {
  bench = await WriteBench.open();
});

afterEach(async () => {
  await bench?.close();
});

/** Opens a run that has read so many minutes ago, which is when it planned. */
async function read(runId: string, minutesAgo: number): Promise<void> {
  const mode: RunMode = runId === PERSON ? 'provision' : 'full';
  bench.minutesAgo = minutesAgo;
  await bench.state.runs.open(
    runStart(runId, { mode, workflowId: `rollcall:corp:${runId}`, configHash: bench.settings.hash }),
  );
  await bench.state.inventory.complete(runId);
  await bench.state.changes.begin(runId);
  bench.minutesAgo = 0;
}

async function plan(runId: string, change: PlannedChange): Promise<void> {
  await bench.state.changes.add(runId, 'corp', [change]);
  await bench.state.changes.number(runId);
}

const withTitle = (title: string): PlannedChange => changeOf({ desired: desiredUser([owned('title', title)]) });
const titles = (): unknown[] => bench.users().map(({ title }) => title);

/** What was sent of a run's only change. */
async function writesOf(runId: string): Promise<{ outcome: string; sent: string[] }> {
  const seen = bench.simulator.log.length;
  const { outcome } = await bench.write({ runId });
  return { outcome, sent: bench.requests(seen) };
}

describe('a create', () => {
  test.each([
    ['the bulk run', BULK, PERSON],
    ['the run on one person', PERSON, BULK],
  ])('that %s planned is not sent when the other created the person meanwhile', async (_, late, first) => {
    await read(late, 2);
    await read(first, 1);
    await plan(late, withTitle('late'));
    await plan(first, withTitle('first'));
    expect(await bench.write({ runId: first })).toMatchObject({ outcome: 'applied' });
    expect(await writesOf(late)).toEqual({ outcome: 'superseded', sent: [] });
    expect(titles()).toEqual(['first']);
    expect(await bench.audit(late)).toEqual([]);
  });
});

describe('an update', () => {
  test('from an older read is not written over one from a newer read', async () => {
    const link = await bench.linkAnn();
    await read(BULK, -1);
    await plan(BULK, patchOf('update', link, [owned('title', 'old')]));
    await read(PERSON, -2);
    await plan(PERSON, patchOf('update', link, [owned('title', 'new')]));
    bench.minutesAgo = -3;
    expect(await bench.write({ runId: PERSON })).toMatchObject({ outcome: 'applied' });
    expect(await writesOf(BULK)).toEqual({ outcome: 'superseded', sent: [] });
    expect(titles()).toEqual(['new']);
  });

  test('from a newer read is compared anew with what an older one wrote meanwhile', async () => {
    const link = await bench.linkAnn();
    await read(BULK, -1);
    await plan(BULK, patchOf('update', link, [owned('title', 'old'), owned('displayName', 'Ann of old')]));
    await read(PERSON, -2);
    await plan(PERSON, patchOf('update', link, [owned('title', 'new')]));
    bench.minutesAgo = -3;
    expect(await bench.write({ runId: BULK })).toMatchObject({ outcome: 'applied' });
    bench.minutesAgo = -4;
    const { outcome, sent } = await writesOf(PERSON);
    expect({ outcome, methods: sent.map((request) => request.split(' ')[0]) }).toEqual({
      outcome: 'applied',
      methods: ['GET', 'PATCH'],
    });
    expect(bench.users()).toMatchObject([{ title: 'new', displayName: 'Ann Lee' }]);
  });

  test('of somebody whom an older read deactivated meanwhile is left to a later run', async () => {
    const link = await bench.linkAnn();
    await read(BULK, -1);
    await plan(BULK, patchOf('deactivate', link));
    await read(PERSON, -2);
    await plan(PERSON, patchOf('update', link));
    bench.minutesAgo = -3;
    expect(await bench.write({ runId: BULK })).toMatchObject({ outcome: 'applied' });
    expect(await writesOf(PERSON)).toEqual({ outcome: 'superseded', sent: [] });
    expect(await bench.link()).toMatchObject({ active: false });
  });
});

test('a deactivation is void when another run saw the person return meanwhile', async () => {
  const link = await bench.linkAnn();
  await read(BULK, -1);
  await plan(BULK, patchOf('deactivate', link));
  await read(PERSON, -2);
  await plan(PERSON, patchOf('update', link));
  bench.minutesAgo = -3;
  expect(await bench.write({ runId: PERSON })).toMatchObject({ outcome: 'applied' });
  expect(await writesOf(BULK)).toEqual({ outcome: 'superseded', sent: [] });
  expect(bench.users()).toMatchObject([{ state: 'active' }]);
});

test('a request made before another run wrote the person is not sent after it', async () => {
  const link = await bench.linkAnn();
  await read(BULK, -1);
  await plan(BULK, patchOf('update', link, [owned('title', 'old')]));
  await read(PERSON, -2);
  await plan(PERSON, patchOf('update', link, [owned('title', 'new')]));
  bench.minutesAgo = -3;
  const waiting = bench.activities({
    pace: {
      // Between making the request and claiming it: the other run comes and goes.
      take: async () => void (await bench.write({ runId: PERSON })),
      observe: async () => {},
    },
  });
  await expect(bench.write({ runId: BULK, by: waiting })).rejects.toMatchObject({ type: 'state.busy' });
  expect(await writesOf(BULK)).toEqual({ outcome: 'superseded', sent: [] });
  expect(titles()).toEqual(['new']);
});
