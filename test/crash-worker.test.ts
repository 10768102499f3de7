import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stage } from './support/stage.ts';
import { crowd } from './support/crowd.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { startPostgres } from './support/postgres.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { ENGINES } from './support/state.ts';
import { auditOf, postsByLogin, withState } from './support/traces.ts';
import { until } from './support/until.ts';

const PEOPLE = 200;
/** Slow enough that the worker can be hit in the middle: 25 users at once make 100 a second. */
const SLOW_MS = 250;
/** A worker counts as dead after 15 s; a loaded machine takes its time for the rest. */
const TIMEOUT_MS = 180_000;

let staff: StaffDirectory;
let many: string;

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  many = await staff.unit('Many');
  await staff.add(many, crowd(PEOPLE));
});

afterAll(async () => {
  await staff?.stop();
});

async function databaseUrl(engine: (typeof ENGINES)[number]): Promise<string | null> {
  return engine === 'sqlite' ? null : (await startPostgres()).database();
}

// Most of the time here is the silence after which Temporal gives up a dead worker: the tests share it.
describe.concurrent('a worker killed by SIGKILL', { timeout: TIMEOUT_MS }, () => {
  test.each(ENGINES)('amid 200 users, with state on %s: another one ends the run, nobody twice', async (engine) => {
    const url = await databaseUrl(engine);
    const configuration = url === null ? {} : { state: { url } };
    const stage = await Stage.open({ directories: [staff.configuration([many])], configuration });
    const { simulator, rollcall } = stage;
    try {
      simulator.faults.add({ effect: { kind: 'slow', ms: SLOW_MS }, method: 'POST', path: '/users$', count: null });
      const run = stage.sync();
      await until('80 users are there', () => simulator.counts().users.active >= 80);
      await rollcall.killWorkers();
      const atKill = simulator.counts().users.active;
      simulator.faults.clear();
      await rollcall.startWorker();
      const { json: report, status } = await run;

      expect(atKill).toBeLessThan(PEOPLE - 25);
      expect({ status, outcome: report.outcome, error: report.error }).toEqual({
        status: 0,
        outcome: 'completed',
        error: null,
      });
      expect(report.changes.create).toMatchObject({ planned: PEOPLE, applied: PEOPLE, superseded: 0 });
      expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, many));
      const posts = postsByLogin(simulator);
      expect(Object.keys(posts)).toHaveLength(PEOPLE);
      expect(Object.entries(posts).filter(([, count]) => count !== 1)).toEqual([]);
      await withState(
        rollcall,
        async (state) => {
          const audit = await auditOf(state, report.runId);
          expect(audit).toHaveLength(PEOPLE);
          expect(new Set(audit.map(({ anchor }) => anchor)).size).toBe(PEOPLE);
          expect(await state.links.counts(rollcall.sync)).toEqual({ active: PEOPLE, total: PEOPLE });
        },
        url,
      );
    } finally {
      await stage.close();
    }
  });

  test('while a POST and a PATCH hang that were carried out: both are found, recorded and not repeated', async () => {
    const unit = await staff.unit('Hanging');
    await staff.add(unit, [{ login: 'olga', name: 'Olga Old', title: 'Agent' }]);
    const stage = await Stage.open({ directories: [staff.configuration([unit])] });
    const { simulator, rollcall } = stage;
    try {
      await stage.sync();
      await staff.add(unit, [{ login: 'nina', name: 'Nina New' }]);
      await staff.change(staff.dn('olga', unit), { title: 'Boss' });
      for (const method of ['POST', 'PATCH']) simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method });
      const before = simulator.log.length;
      const run = stage.sync();
      await until('both requests hang', () => simulator.faults.hanging === 2);
      await rollcall.killWorkers();
      await rollcall.startWorker();
      const { json: report } = await run;

      expect(report).toMatchObject({ outcome: 'completed', error: null });
      expect(report.changes.create).toMatchObject({ planned: 1, applied: 1 });
      expect(report.changes.update).toMatchObject({ planned: 1, applied: 1 });
      expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, unit));
      expect(simulator.users()).toHaveLength(2);
      const methods = stage.writesSince(before).map(({ method }) => method);
      expect(methods.toSorted()).toEqual(['PATCH', 'POST']);
      await withState(rollcall, async (state) => {
        const audit = await auditOf(state, report.runId);
        expect(audit.map(({ kind, userName }) => `${kind} ${userName}`).toSorted()).toEqual([
          `create nina@${MAIL_DOMAIN}`,
          `update olga@${MAIL_DOMAIN}`,
        ]);
        for (const { genesysId, anchor } of audit) {
          expect((await state.links.byGenesysId(rollcall.sync, genesysId))?.anchor).toBe(anchor);
        }
      });
      expect((await stage.sync()).json).toMatchObject({ unchanged: 2, requests: { write: 0 } });
    } finally {
      await stage.close();
    }
  });
});
