import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import type { AuditRow, ParkedRow } from '../state/state.ts';
import { recycleWorkflowId } from '../workflows/ids.ts';
import { anchorOf, expectedUsers, shownUsers } from './support/expected-users.ts';
import { fetchHistory, membersNamed, payloadsIn } from './support/kept-histories.ts';
import { Stage } from './support/stage.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { until } from './support/until.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const NUMBERS = { ann: '1001', bob: '1002', cleo: '1003', dora: '1004', eli: '1005' };
const address = (login: string): string => `${login}@${MAIL_DOMAIN}`;

let directory: StaffDirectory;
let unit: string;
let stage: Stage;
let temporal: TemporalClient;

beforeAll(async () => {
  temporal = await connectTemporal();
  directory = await startOpenLdapStaff();
  unit = await directory.unit('Recycled');
  const people = Object.entries(NUMBERS).map(([login, number]) => ({ login, name: `The first ${login}`, number }));
  await directory.add(
    unit,
    people.map((person) => ({ ...person, phone: '+49 30 1234567' })),
  );
  stage = await Stage.open({ directories: [directory.configuration([unit])] });
  await stage.firstRun(people.length);
});

afterAll(async () => {
  await stage?.close();
  await temporal?.close();
  await directory?.stop();
});

/** The entry goes, and another one comes with its login. Answers with the new anchor. */
async function replace(login: keyof typeof NUMBERS, number: string): Promise<string> {
  const dn = directory.dn(login, unit);
  await directory.remove(dn);
  await directory.add(unit, [{ login, name: `The second ${login}`, number }]);
  const { searchEntries } = await directory.asAdmin((client) =>
    client.search(dn, { scope: 'base', attributes: ['entryUUID'] }),
  );
  return searchEntries.map(anchorOf).join();
}

const idOf = (login: string): string => stage.user(login).id;
const retired = () => stage.simulator.users().filter(({ userName }) => userName.startsWith('retired-'));

test('a login that another person has now goes to a new user; the same person keeps his user', async () => {
  const [oldAnn, oldBob] = [idOf('ann'), idOf('bob')];
  const ann = await replace('ann', '2001');
  await replace('bob', NUMBERS.bob);
  const { json, status } = await stage.sync();
  expect(json.changes).toMatchObject({
    recycle: { planned: 1, applied: 1 },
    rebind: { planned: 1, applied: 1 },
    create: { planned: 0 },
    deactivate: { planned: 0 },
  });
  expect({ status, outcome: json.outcome, error: json.error }).toEqual({
    status: 0,
    outcome: 'completed',
    error: null,
  });
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  expect(idOf('bob')).toBe(oldBob);
  expect(idOf('ann')).not.toBe(oldAnn);
  expect(retired()).toMatchObject([{ id: oldAnn, state: 'inactive', displayName: 'The first ann', phoneNumbers: [] }]);

  const history = await fetchHistory(
    temporal.client.workflow.getHandle(recycleWorkflowId(stage.rollcall.sync, json.runId, ann)),
  );
  const steps = membersNamed(history, 'activityType').map((type) => (type as { name: string }).name);
  expect(steps).toEqual(['snapshotUser', 'retireUser', 'createUser']);
  expect(JSON.stringify(membersNamed(history, 'workflowId'))).not.toMatch(/ann@|first|second/);
  expect(payloadsIn(membersNamed(history, 'userMetadata')).join()).toContain(address('ann'));

  const { json: rows } = await stage.play<AuditRow[]>('changes', '--kind', 'recycle', '--json');
  expect(rows.map(({ step, genesysId }) => ({ step, genesysId }))).toEqual([
    { step: 'create', genesysId: idOf('ann') },
    { step: 'retire', genesysId: oldAnn },
  ]);

  const again = await stage.sync();
  expect(again).toMatchObject({ status: 0, writes: [], json: { outcome: 'completed', unchanged: 5 } });
});

test('a person whose rebind is parked keeps access until it succeeds', async () => {
  const id = idOf('eli');
  stage.simulator.faults.add({ effect: { kind: 'status', status: 400 }, method: 'PATCH' });
  await replace('eli', NUMBERS.eli);
  const parked = await stage.sync('--mode', 'delta');
  expect(parked).toMatchObject({ status: 3, json: { changes: { rebind: { planned: 1, parked: 1 } } } });
  const before = await stage.sync('--mode', 'delta');
  expect(before).toMatchObject({ writes: [], json: { changes: { deactivate: { planned: 0 } } } });
  expect(stage.user('eli')).toMatchObject({ id, state: 'active' });
  const retried = await stage.play<RunReport>('retry-failed', '--wait', '--json');
  expect(retried).toMatchObject({ status: 0, json: { changes: { rebind: { applied: 1 } } } });
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
});

test('a recycle survives the death of the worker amid a step', async () => {
  const old = idOf('cleo');
  await replace('cleo', '2003');
  stage.simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'PATCH' });
  const run = stage.sync();
  await until('the old user is being retired', () => stage.simulator.faults.hanging === 1);
  await stage.rollcall.killWorkers();
  stage.simulator.faults.release();
  await stage.rollcall.startWorker();
  const { json, status, writes } = await run;
  expect({ status, changes: json.changes.recycle }).toMatchObject({ status: 0, changes: { applied: 1 } });
  expect(writes.map(({ method }) => method)).toEqual(['PATCH', 'POST']);
  expect(retired().map(({ id }) => id)).toContain(old);
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
});

test('a cancelled run ends the recycle that it has begun', async () => {
  const old = idOf('dora');
  await replace('dora', '2004');
  stage.simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'PATCH' });
  const run = stage.sync();
  await until('the old user is being retired', () => stage.simulator.faults.hanging === 1);
  await stage.rollcall.run('cancel');
  stage.simulator.faults.release();
  const { json, status } = await run;
  expect({ status, outcome: json.outcome, recycle: json.changes.recycle }).toMatchObject({
    status: 6,
    outcome: 'cancelled',
    recycle: { planned: 1, applied: 1 },
  });
  expect(retired().map(({ id }) => id)).toContain(old);
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
});

test('an account that was deleted in Genesys Cloud is taken over only after a decision', async () => {
  const [deleted] = stage.simulator.seed([{ userName: address('fay'), displayName: 'Fay', state: 'deleted' }]);
  await directory.add(unit, [{ login: 'fay', name: 'The first fay' }]);
  const created = await stage.sync();
  expect(created).toMatchObject({ status: 3, json: { changes: { create: { planned: 1, parked: 1 } } } });
  const parked = await stage.play<ParkedRow[]>('parked', '--json');
  expect(parked.json).toMatchObject([{ code: 'identity.revived' }]);
  const offered = await stage.sync();
  expect(offered).toMatchObject({ status: 4, writes: [], json: { changes: { adopt: { planned: 1, held: 1 } } } });
  const approve = ['approve', '--plan', offered.json.heldBatch ?? '', '--wait', '--json'];
  const approved = await stage.play<RunReport>(...approve);
  expect(approved).toMatchObject({ status: 0, json: { changes: { adopt: { applied: 1 } } } });
  expect(idOf('fay')).toBe(deleted?.id);
  expect((await stage.play<ParkedRow[]>('parked', '--json')).json).toEqual([]);
});
