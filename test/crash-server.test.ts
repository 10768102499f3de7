import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { startTemporal, type TemporalServer } from '../tools/temporal.ts';
import { simulatorTarget, UNPACED } from './support/configuration.ts';
import { crowd } from './support/crowd.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Rollcall } from './support/rollcall.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { auditOf, postsByLogin, withState } from './support/traces.ts';
import { until } from './support/until.ts';

const PEOPLE = 120;
const TIMEOUT_MS = 180_000;

let folder: string;
let server: TemporalServer;
let staff: StaffDirectory;
let unit: string;
let simulator: Simulator;
let rollcall: Rollcall;

beforeAll(async () => {
  // This test needs a server that it may kill.
  delete process.env['TEMPORAL_ADDRESS'];
  folder = await mkdtemp(join(tmpdir(), 'rollcall-temporal-'));
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Many');
  await staff.add(unit, crowd(PEOPLE));
  server = await startServer();
  simulator = await startSimulator(UNPACED);
  rollcall = new Rollcall(
    {
      directories: [staff.configuration([unit])],
      target: simulatorTarget(simulator),
      safety: { firstRun: 'apply' },
    },
    { TEMPORAL_ADDRESS: server.address },
  );
  await rollcall.startWorker();
});

afterAll(async () => {
  await rollcall?.close();
  await simulator?.stop();
  await server?.stop();
  await staff?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Again with the same database at the same address after the first time. */
function startServer(address?: string): Promise<TemporalServer> {
  const port = address === undefined ? {} : { port: Number(address.split(':').at(-1)) };
  return startTemporal({
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    ui: false,
    ...port,
  });
}

describe('a Temporal server that is killed in the middle of a run and comes back', () => {
  test('costs nothing: worker and command go on, everybody is created once', { timeout: TIMEOUT_MS }, async () => {
    simulator.faults.add({ effect: { kind: 'slow', ms: 400 }, method: 'POST', count: null });
    const run = rollcall.startSync();
    await until('30 users are there', () => simulator.counts().users.active >= 30);
    expect(server.pid).not.toBeNull();
    process.kill(server.pid ?? 0, 'SIGKILL');
    const atKill = simulator.counts().users.active;
    await server.stop();
    simulator.faults.clear();
    server = await startServer(server.address);
    const { report, status, stderr } = await run;

    expect(atKill).toBeLessThan(PEOPLE);
    expect({ status, outcome: report.outcome, error: report.error }, stderr).toEqual({
      status: 0,
      outcome: 'completed',
      error: null,
    });
    expect(report.changes.create).toMatchObject({ planned: PEOPLE, applied: PEOPLE });
    expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, unit));
    expect(Object.values(postsByLogin(simulator)).filter((count) => count !== 1)).toEqual([]);
    const audit = await withState(rollcall, (state) => auditOf(state, report.runId));
    expect(new Set(audit.map(({ anchor }) => anchor)).size).toBe(PEOPLE);
    expect(audit).toHaveLength(PEOPLE);
  });
});
