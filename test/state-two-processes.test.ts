import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../state/open.ts';
import type { State } from '../state/state.ts';
import { nthChange, plan } from './support/stored-people.ts';
import { runStart } from './support/state.ts';
import { startStateProcess, type Role, type StateProcess } from './support/state-process.ts';

describe('two processes on one embedded database', () => {
  let folder: string;
  let state: State;
  let processes: StateProcess[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-two-'));
    state = await openState({ url: null, folder });
    processes = [];
  });
  afterEach(async () => {
    for (const { child } of processes) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all(processes.map((process) => process.ended()));
    await state.close();
    await rm(folder, { recursive: true });
  });

  async function start(role: Role): Promise<StateProcess> {
    const process = await startStateProcess(role, folder);
    processes.push(process);
    return process;
  }

  it('claim each change exactly once', async () => {
    const total = 150;
    await plan(
      state,
      'r1',
      Array.from({ length: total }, (_, n) => nthChange(n)),
    );
    const claimants = [await start('claim'), await start('claim')];
    for (const claimant of claimants) claimant.say('go');
    const [first, second] = (await Promise.all(claimants.map((claimant) => claimant.next()))) as string[][];
    for (let seq = 1; seq <= total; seq++) {
      const answers = new Set([first?.[seq - 1], second?.[seq - 1]]);
      expect(answers, `change ${seq}`).toEqual(new Set(['claimed', 'lost']));
    }
    expect(await Promise.all(claimants.map((claimant) => claimant.ended()))).toEqual([0, 0]);
  });

  it('open, write, read and close side by side without a word about locks', async () => {
    const others = [await start('hammer'), await start('hammer')];
    for (const other of others) other.say('go');
    for (let n = 0; n < 60; n++) {
      await state.runs.open(runStart(`mine-${n}`));
      expect((await state.runs.list('corp', 1))[0]?.runId).toBe(`mine-${n}`);
    }
    for (const other of others) other.say('stop');
    const reports = (await Promise.all(others.map((other) => other.next()))) as { sync: string; runs: number }[];
    for (const { sync, runs } of reports) {
      const rows = await state.runs.list(sync, 100_000);
      expect(rows).toHaveLength(runs);
      expect(rows.filter((row) => row.finishedAt === null)).toHaveLength(runs === 0 ? 0 : 1);
    }
    expect(await Promise.all(others.map((other) => other.ended()))).toEqual([0, 0]);
  });

  it('leave timers running while one waits for the other, and readers reading', async () => {
    await state.runs.open(runStart('r1'));
    const holder = await start('hold');
    holder.say('go');
    expect(await holder.next()).toBe('inside');
    let written = false;
    const writing = state.runs.setUnchanged('r1', 7).then(() => (written = true));
    for (let tick = 0; tick < 25; tick++) {
      await sleep(10);
      expect((await state.runs.get('r1'))?.actor).toBe('alice');
    }
    expect(written).toBe(false);
    holder.say('go on');
    expect(await holder.next()).toBe('committed');
    await writing;
    expect(await state.runs.get('r1')).toMatchObject({ actor: 'half done', unchanged: 7 });
  });

  it('leave nothing behind of a transaction whose process was killed', async () => {
    await state.runs.open(runStart('r1'));
    const holder = await start('hold');
    holder.say('go');
    expect(await holder.next()).toBe('inside');
    const writing = state.runs.setUnchanged('r1', 7);
    holder.child.kill('SIGKILL');
    expect(await holder.ended()).toBeNull();
    await writing;
    expect(await state.runs.get('r1')).toMatchObject({ actor: 'alice', unchanged: 7 });
    const again = await openState({ url: null, folder });
    expect((await again.runs.get('r1'))?.unchanged).toBe(7);
    await again.close();
  });

  it('find the committed state after the only process was killed', async () => {
    await state.runs.open(runStart('r1'));
    const holder = await start('hold');
    await state.close();
    holder.say('go');
    expect(await holder.next()).toBe('inside');
    holder.child.kill('SIGKILL');
    await holder.ended();
    state = await openState({ url: null, folder });
    expect((await state.runs.get('r1'))?.actor).toBe('alice');
  });
});
