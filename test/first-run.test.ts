import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifPeople } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const PEOPLE = 60;
let slapd: Slapd;
let simulator: Simulator;
let rollcall: Rollcall;

beforeAll(async () => {
  slapd = await startSlapd({ ldif: ldifPeople(PEOPLE, 'ou=Agents,dc=corp,dc=example') });
  simulator = await startSimulator(UNPACED);
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

test('a first run creates everybody with one POST each, the next writes nothing', async () => {
  const first = await rollcall.startSync();
  expect(first.report.error).toBeNull();
  expect(first.report).toMatchObject({ outcome: 'completed', directory: { read: PEOPLE, inScope: PEOPLE } });
  expect(first.report.changes.create).toEqual({ planned: PEOPLE, applied: PEOPLE, parked: 0, held: 0, superseded: 0 });
  expect(first.status).toBe(0);
  const second = await rollcall.startSync();
  expect(second.report).toMatchObject({ outcome: 'completed', unchanged: PEOPLE, requests: { write: 0 } });
});
