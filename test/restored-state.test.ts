import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import type { SimUser } from '../simulator/start.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Stage } from './support/stage.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { withState } from './support/traces.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const person = (login: string, more: Partial<Colleague> = {}): Colleague => ({
  ...{ login, name: `The ${login} one`, number: `1-${login}`, title: 'Agent' },
  ...more,
});

let directory: StaffDirectory;
let unit: string;
let stage: Stage;
const dn = (login: string): string => directory.dn(login, unit);
const state = (): string => join(stage.rollcall.folder, '.rollcall');
const aside = (): string => join(stage.rollcall.folder, 'aside');

beforeAll(async () => {
  directory = await startOpenLdapStaff();
  unit = await directory.unit('Restored');
  const logins = ['boss', 'same', 'changed', 'leaver', 'gone', 'back', 'reused', 'reused2', 'rebound'];
  await directory.add(
    unit,
    logins.map((login) => person(login, login === 'boss' ? {} : { manager: 'boss' })),
  );
  const safety = { firstRun: 'apply', recycles: { max: 10 } };
  stage = await Stage.open({ directories: [directory.configuration([unit])], configuration: { safety } });
  await stage.firstRun(logins.length);
  await directory.setEnabled(dn('back'), false);
  expect((await stage.sync()).json.changes.deactivate.applied).toBe(1);
});

afterAll(async () => {
  await stage?.close();
  await directory?.stop();
});

const users = (): SimUser[] => stage.simulator.users();

/** All that a run can do to people between the copy and its return. */
async function goOn(): Promise<void> {
  await directory.add(unit, [person('new1', { manager: 'boss' }), person('new2')]);
  await directory.change(dn('changed'), { title: 'Lead', telephoneNumber: '+49 30 1234567' });
  await directory.setEnabled(dn('leaver'), false);
  await directory.remove(dn('gone'));
  await directory.setEnabled(dn('back'), true);
  for (const login of ['reused', 'reused2', 'rebound']) await directory.remove(dn(login));
  const heirs = ['reused', 'reused2'].map((login) =>
    person(login, { name: `The next ${login}`, number: `2-${login}` }),
  );
  await directory.add(unit, [...heirs, person('rebound', { manager: 'boss' })]);
  const { json, status } = await stage.sync();
  expect(json.changes).toMatchObject({
    ...{ create: { applied: 2 }, update: { applied: 1 }, reactivate: { applied: 1 } },
    ...{ recycle: { applied: 2 }, rebind: { applied: 1 }, deactivate: { applied: 2 } },
  });
  expect(status).toBe(0);
}

test('an older copy of the state is brought up to date without a single needless write', async () => {
  await stage.rollcall.stopWorkers();
  cpSync(state(), aside(), { recursive: true });
  await stage.rollcall.startWorker();
  await goOn();
  const before = users();
  await stage.rollcall.stopWorkers();
  rmSync(state(), { recursive: true });
  cpSync(aside(), state(), { recursive: true });
  await stage.rollcall.startWorker();

  const dry = await stage.sync('--dry-run');
  expect(dry.json.error).toContain('The state looks older than Genesys Cloud');
  const { json, writes, status } = await stage.sync();
  expect(json.error).toContain('The state looks older than Genesys Cloud');
  expect(json).toMatchObject({
    outcome: 'completed',
    changes: {
      ...{ create: { planned: 0 }, adopt: { planned: 4, applied: 4 }, update: { planned: 0 } },
      ...{ reactivate: { planned: 1, applied: 1 }, recycle: { planned: 0 }, rebind: { planned: 1, applied: 1 } },
      deactivate: { planned: 0 },
    },
  });
  expect({ status, writes }).toEqual({ status: 0, writes: [] });
  expect(users()).toEqual(before);
});

test('and the runs after it know everybody as if nothing had happened', async () => {
  const { json, writes } = await stage.sync();
  expect({ writes, error: json.error, outcome: json.outcome }).toEqual({
    writes: [],
    error: null,
    outcome: 'completed',
  });
  expect(json.changes.adopt.planned + json.changes.rebind.planned + json.changes.deactivate.planned).toBe(0);
  // What the copy did not know of was Rollcall's own all the same: it may be taken away.
  await directory.change(dn('changed'), { telephoneNumber: null });
  const next = await stage.play<RunReport>('start-sync', '--mode', 'delta', '--wait', '--json');
  expect(next.json.changes.update).toMatchObject({ planned: 1, applied: 1 });
  expect(stage.user('changed').phoneNumbers).toEqual([]);
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  await withState(stage.rollcall, async ({ links }) => {
    const [old] = users().filter(({ displayName }) => displayName === 'The reused one');
    expect(await links.byGenesysId(stage.rollcall.sync, old?.id ?? '')).toMatchObject({ active: false });
    expect((await links.counts(stage.rollcall.sync)).total).toBe(11);
  });
});
