import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { crowd } from './support/crowd.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PEOPLE = 60;
const safety = { firstRun: 'apply', creates: { floor: PEOPLE } };

let staff: StaffDirectory;
let stage: Stage;

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  const unit = await staff.unit('Changing');
  await staff.add(unit, crowd(PEOPLE));
  stage = await Stage.open({ directories: [staff.configuration([unit])], configuration: { safety } });
});

afterAll(async () => {
  await stage?.close();
  await staff?.stop();
});

test('a run goes on under no other configuration than its own, and the next one does what is left', async () => {
  const { simulator } = stage;
  simulator.faults.add({ effect: { kind: 'slow', ms: 500 }, method: 'POST', count: null });
  const running = stage.play<RunReport>('start-sync', '--wait', '--json');
  await until('a few are there', () => simulator.counts().users.active >= 10);
  await stage.reconfigure({ configuration: { safety, defaultRegion: 'FR' } });
  const { status, json } = await running;
  expect({ status, outcome: json.outcome }).toEqual({ status: 1, outcome: 'failed' });
  expect(json.error).toMatch(/^The run began under configuration [0-9a-f]{12}, and this worker has [0-9a-f]{12};/);
  expect(json.changes.create.superseded).toBeGreaterThan(0);

  simulator.faults.clear();
  const next = await stage.sync();
  expect({ status: next.status, error: next.json.error }).toEqual({ status: 0, error: null });
  expect(simulator.users().length).toBe(PEOPLE);
  expect(simulator.log.filter(({ method, path }) => method === 'POST' && path.endsWith('/users')).length).toBe(PEOPLE);
});
