import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifPeople } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const AGENTS = 'ou=Agents,dc=corp,dc=example';
let slapd: Slapd;
let simulator: Simulator;
let rollcall: Rollcall;

async function lock(values: string[]): Promise<void> {
  const modification = new Attribute({ type: 'pwdAccountLockedTime', values });
  const change = new Change({ operation: 'replace', modification });
  await slapd.asAdmin((client) => client.modify(`uid=agent00001,${AGENTS}`, change));
}

beforeAll(async () => {
  slapd = await startSlapd({ ldif: ldifPeople(3, AGENTS) });
  simulator = await startSimulator({ ...UNPACED, indexLagSeconds: 3_600 });
  rollcall = new Rollcall({
    directories: [slapdDirectory(slapd)],
    target: simulatorTarget(simulator),
    safety: { firstRun: 'apply' },
  });
  await rollcall.startWorker();
});

afterAll(async () => {
  await rollcall?.close();
  await simulator?.stop();
  await slapd?.stop();
});

test('a user whom the listings do not show yet is looked up by id, and not taken for deleted', async () => {
  expect((await rollcall.startSync()).report.changes.create.applied).toBe(3);
  await lock(['000001010000Z']);
  expect((await rollcall.startSync()).report.changes.deactivate.applied).toBe(1);
  await lock([]);
  const { report } = await rollcall.startSync();
  expect(report.changes.reactivate).toMatchObject({ planned: 1, applied: 1, parked: 0 });
  expect(simulator.counts().users).toEqual({ active: 3, inactive: 0, deleted: 0 });
});
