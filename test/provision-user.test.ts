import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { explainPerson, type Explanation } from '../client/explain/explanation.ts';
import { withSession } from '../client/session.ts';
import type { RunReport } from '../model/run.ts';
import type { RunRow } from '../state/state.ts';
import { runWorkflowId } from '../workflows/ids.ts';
import { crowd } from './support/crowd.ts';
import { MAIL_DOMAIN, startOpenLdapStaff } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { until } from './support/until.ts';

const FIRST = 8;
/** More than a slice writes in two goes. */
const CROWD = 90;
const mail = (login: string): string => `${login}@${MAIL_DOMAIN}`;

describe('provision-user', () => {
  let staff: Awaited<ReturnType<typeof startOpenLdapStaff>>;
  let stage: Stage;
  let unit: string;
  let elsewhere: string;
  let temporal: TemporalClient;

  beforeAll(async () => {
    temporal = await connectTemporal();
    vi.stubEnv('TEMPORAL_ADDRESS', process.env['ROLLCALL_TEST_TEMPORAL_ADDRESS']);
    staff = await startOpenLdapStaff();
    unit = await staff.unit('People');
    elsewhere = await staff.unit('Elsewhere');
    stage = await Stage.open({
      directories: [staff.configuration([unit])],
      configuration: { safety: { firstRun: 'apply', creates: { floor: 500 }, minimumEntries: 0 } },
    });
    await staff.add(unit, crowd(FIRST));
    await stage.firstRun(FIRST);
  });

  afterAll(async () => {
    await stage?.close();
    await staff?.stop();
    await temporal?.close();
    vi.unstubAllEnvs();
  });

  const provision = (person: string, ...more: string[]) =>
    stage.play<RunReport>('provision-user', person, '--wait', '--json', '--actor', 'alice', ...more);
  const add = (login: string, to = unit): Promise<void> => staff.add(to, [{ login, name: `Agent ${login}` }]);
  const dn = (login: string): string => staff.dn(login, unit);
  const explain = (person: string): Promise<Explanation> =>
    withSession({ config: stage.rollcall.configFile }, (session) => explainPerson(session, person));
  const runs = async (): Promise<RunRow[]> => (await stage.play<RunRow[]>('runs', '--json')).json;

  describe('beside a bulk run', () => {
    let bulk: ReturnType<Stage['sync']>;

    const waiting = (): string[] =>
      crowd(CROWD)
        .map(({ login }) => login)
        .filter((login) => !stage.simulator.users().some(({ userName }) => userName === mail(login)));

    beforeAll(async () => {
      await staff.add(unit, crowd(CROWD).slice(FIRST));
      stage.simulator.faults.add({ effect: { kind: 'slow', ms: 2_000 }, method: 'POST', count: null });
      bulk = stage.sync();
      await until('the bulk run writes', () => stage.simulator.counts().users.active > FIRST);
      // It stays in its middle for as long as the tests need it there.
      await temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync)).signal('pause');
      stage.simulator.faults.clear();
    });

    test('creates, updates and deactivates one person each before the bulk run has ended', async () => {
      await add('urgent');
      expect(await provision(mail('urgent'))).toMatchObject({
        status: 0,
        json: { mode: 'provision', outcome: 'completed', directory: { read: 1 }, changes: { create: { applied: 1 } } },
      });
      expect(stage.user('urgent')).toMatchObject({ displayName: 'Agent urgent' });

      await staff.change(dn('agent006'), { title: 'Boss' });
      expect((await provision(dn('agent006'))).json).toMatchObject({ changes: { update: { applied: 1 } } });
      expect(stage.user('agent006').title).toBe('Boss');

      await staff.remove(dn('agent007'));
      expect((await provision(mail('agent007'))).json).toMatchObject({ changes: { deactivate: { applied: 1 } } });
      expect(stage.user('agent007').state).toBe('inactive');
      expect((await runs())[3]).toMatchObject({ mode: 'full', finishedAt: null });
    });

    test('a person whom the bulk run is about to create is created once', async () => {
      const [next = ''] = waiting();
      expect((await provision(mail(next))).json).toMatchObject({ changes: { create: { applied: 1 } } });
      await temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync)).signal('resume');
      const { json, writes } = await bulk;
      expect(json).toMatchObject({
        outcome: 'completed',
        changes: { create: { applied: CROWD - FIRST - 1, superseded: 1 } },
      });
      expect(
        writes.filter(({ method, body }) => method === 'POST' && JSON.stringify(body).includes(next)),
      ).toHaveLength(1);
    });

    test('the next runs of the sync find nothing left to do', async () => {
      const { json, writes } = await stage.sync();
      expect(writes).toEqual([]);
      expect(json.changes).toMatchObject({
        update: { planned: 0 },
        create: { planned: 0 },
        deactivate: { planned: 0 },
      });
      expect((await stage.sync('--mode', 'delta')).json).toMatchObject({
        mode: 'delta',
        changes: { update: { planned: 0 } },
      });
    });
  });

  test('says what it would do, and does nothing, in a dry run', async () => {
    await add('dry');
    const { json, writes } = await provision(mail('dry'), '--dry-run');
    expect(json).toMatchObject({ dryRun: true, outcome: 'completed', changes: { create: { planned: 1, applied: 0 } } });
    expect({ batch: json.heldBatch !== null, writes }).toEqual({ batch: true, writes: [] });
  });

  test('refuses somebody unknown and somebody out of scope with a sentence, and touches nobody', async () => {
    await add('outsider', elsewhere);
    const unknown = await provision(mail('nobody'));
    expect(unknown).toMatchObject({
      status: 1,
      json: { outcome: 'failed', error: expect.stringContaining('knows nobody') },
    });
    const outside = await provision(mail('outsider'));
    expect(outside).toMatchObject({ status: 1, writes: [] });
    expect(outside.json.error).toMatch(/out of scope.*below none of the bases/);
    expect(JSON.stringify(await runs())).not.toContain('outsider');
    const status = await stage.play<{ lastRun: { mode: string } }>('status', '--json');
    expect(status).toMatchObject({ status: 0, json: { lastRun: { mode: 'delta', outcome: 'completed' } } });
  });

  test('refuses a second run on the same person while the first is going on', async () => {
    await staff.change(dn('agent004'), { title: 'Lead' });
    stage.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
    const first = provision(mail('agent004'));
    await until('the write is on its way', () => stage.simulator.faults.hanging === 1);
    const second = await stage.rollcall.run('provision-user', mail('agent004'), '--wait', '--json');
    expect(second).toMatchObject({ status: 5, stdout: '' });
    stage.simulator.faults.release();
    expect((await first).json).toMatchObject({ changes: { update: { applied: 1 } } });
  });

  test('offers somebody whose user was deleted in Genesys Cloud for approval, which makes nobody who was restored', async () => {
    const { id } = stage.user('agent005');
    stage.simulator.edit(id, { state: 'deleted' });
    const offered = await provision(mail('agent005'));
    expect(offered).toMatchObject({ status: 4, writes: [], json: { changes: { create: { planned: 1, held: 1 } } } });
    stage.simulator.edit(id, { state: 'active' });
    const approve = ['approve', '--plan', offered.json.heldBatch ?? '', '--wait', '--json'];
    expect(await stage.play<RunReport>(...approve)).toMatchObject({
      ...{ status: 0, writes: [] },
      json: { mode: 'approved', outcome: 'completed', changes: { create: { planned: 0 } }, unchanged: 1 },
    });
    expect((await provision(mail('agent005'))).json).toMatchObject({ outcome: 'completed', unchanged: 1 });
  });

  test('explain says what the next run would do, and leaves no trace of having asked', async () => {
    const before = await runs();
    expect(await explain(mail('dry'))).toMatchObject({
      nextRun: { kind: 'create', parked: null, held: null },
      nextRunUnknown: null,
    });
    await staff.change(dn('agent003'), { title: 'Chief' });
    expect((await explain(mail('agent003'))).nextRun).toMatchObject({
      kind: 'update',
      reason: 'title changed',
      before: { title: 'Agent' },
      after: { title: 'Chief' },
    });
    expect((await explain(mail('agent002'))).nextRun).toMatchObject({
      kind: null,
      reason: 'everything is as it shall be',
    });
    expect((await explain(mail('outsider'))).nextRun).toMatchObject({
      kind: null,
      reason: expect.stringMatching(/out of scope.*none of the bases/),
    });
    expect(await runs()).toEqual(before);
  });

  test('explain and provision-user find a user who is there already in Genesys Cloud', async () => {
    await staff.add(unit, [{ login: 'stranger', name: 'Stranger' }]);
    stage.simulator.seed([{ userName: mail('stranger'), displayName: 'Somebody' }]);
    expect((await explain(mail('stranger'))).nextRun).toMatchObject({
      kind: 'adopt',
      before: { displayName: 'Somebody' },
    });
    const { status, json, writes } = await provision(mail('stranger'));
    expect({ status, adopt: json.changes.adopt }).toMatchObject({ status: 0, adopt: { planned: 1, applied: 1 } });
    expect(writes.map(({ method }) => method)).toEqual(['PATCH']);
  });

  test('explain says of somebody whose login another one has what becomes of him, and why', async () => {
    for (const [login, wanted] of [
      ['heir', 'agent001'],
      ['taker', 'agent004'],
      ['twin', 'agent005'],
    ] as const) {
      await staff.add(unit, [{ login, name: `Agent ${login}`, more: { mail: mail(wanted) } }]);
    }
    await staff.setEnabled(dn('agent001'), false);
    await staff.change(dn('agent004'), { mail: mail('agent004.new') });
    const today = new Date().toISOString().slice(0, 10);
    const made = `the old entry was made on ${today}, the new one on ${today}`;
    const heir = await explain(dn('heir'));
    expect(heir.nextRun).toMatchObject({
      kind: 'recycle',
      parked: null,
      held: [expect.stringMatching(new RegExp(`login handed over: .* is disabled.*${made}`))],
    });
    expect(heir.loginHolders).toMatchObject([{ provenance: { createdAt: expect.stringContaining(today) } }]);
    expect((await explain(dn('taker'))).nextRun).toMatchObject({
      kind: 'create',
      reason: expect.stringMatching(/the login comes from .*, who gets another one first/),
      parked: null,
    });
    expect((await explain(dn('twin'))).nextRun?.parked).toMatchObject({
      code: 'identity.login-taken',
      message: expect.stringContaining(made),
    });
    const { stdout } = await stage.rollcall.run('explain', dn('heir'));
    expect(stdout).toMatch(/Somebody else has this login\n.*entry made on 20/);
  });

  test('explain says so where no worker could be asked', async () => {
    await stage.rollcall.stopWorkers();
    const { nextRun, nextRunUnknown } = await explain(mail('agent003'));
    expect({ nextRun, nextRunUnknown }).toEqual({
      nextRun: null,
      nextRunUnknown: expect.stringContaining('no worker'),
    });
    const { status, stderr } = await stage.rollcall.run('provision-user', mail('agent003'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('No worker is running') });
  });
});
