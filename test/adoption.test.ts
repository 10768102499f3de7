import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifEntry } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const AGENTS = 'ou=Agents,dc=corp,dc=example';
const PEOPLE = 15;
let slapd: Slapd;
let simulator: Simulator;
let rollcall: Rollcall;

/** A chain of managers, so that adopted people refer to each other. */
function chain(): string {
  return Array.from({ length: PEOPLE }, (_, n) => {
    const manager = n === 0 ? {} : { manager: `uid=p${n - 1},${AGENTS}` };
    const attributes = { uid: `p${n}`, cn: `Person ${n}`, sn: 'Person', mail: `p${n}@corp.example`, title: 'Agent' };
    return ldifEntry(`uid=p${n},${AGENTS}`, { objectClass: 'inetOrgPerson', ...attributes, ...manager });
  }).join('\n');
}

describe('a state that was lost', () => {
  beforeAll(async () => {
    slapd = await startSlapd({ ldif: chain() });
    simulator = await startSimulator(UNPACED);
    rollcall = new Rollcall({
      directories: [slapdDirectory(slapd)],
      target: simulatorTarget(simulator),
      safety: { firstRun: 'apply' },
    });
    const worker = await rollcall.startWorker();
    expect((await rollcall.startSync()).report.changes.create.applied).toBe(PEOPLE);
    await worker.stop();
    rmSync(join(rollcall.folder, '.rollcall'), { recursive: true });
  });

  afterAll(async () => {
    await rollcall?.close();
    await simulator?.stop();
    await slapd?.stop();
  });

  test('is found again by anchor without a single write, although the first plan would have to wait', async () => {
    rollcall.configure({
      directories: [slapdDirectory(slapd)],
      target: simulatorTarget(simulator),
      safety: { firstRun: 'hold' },
    });
    await rollcall.startWorker();
    const { report, status } = await rollcall.startSync();
    expect(report.changes.adopt).toEqual({ planned: PEOPLE, applied: PEOPLE, parked: 0, held: 0, superseded: 0 });
    expect(report).toMatchObject({ outcome: 'completed', heldBatch: null, requests: { write: 0 } });
    expect(status).toBe(0);
  });

  test('and the runs after it know everybody', async () => {
    const { report } = await rollcall.startSync();
    expect(report).toMatchObject({ outcome: 'completed', unchanged: PEOPLE, requests: { write: 0 } });
    expect(simulator.users()).toHaveLength(PEOPLE);
  });

  test('an anchor that two Genesys users carry is not guessed about', async () => {
    const uid = 'twice';
    const attributes = { uid, cn: 'Twice', sn: 'Twice', mail: 'twice@corp.example' };
    await slapd.add(`uid=${uid},${AGENTS}`, { objectClass: 'inetOrgPerson', ...attributes });
    const anchor = await slapd.asAdmin(async (client) => {
      const { searchEntries } = await client.search(`uid=${uid},${AGENTS}`, { attributes: ['entryUUID'] });
      return String(searchEntries[0]?.['entryUUID']);
    });
    simulator.seed([
      { userName: 'one@corp.example', displayName: 'One', externalIds: [{ authority: 'a', value: anchor }] },
      { userName: 'two@corp.example', displayName: 'Two', externalIds: [{ authority: 'b', value: anchor }] },
    ]);
    const { report, status } = await rollcall.startSync();
    expect(report.changes.adopt).toMatchObject({ planned: 1, parked: 1 });
    expect(status).toBe(3);
    expect((await rollcall.run('parked')).stdout).toContain("2 Genesys users carry this person's anchor");
    const [one] = simulator.users().filter(({ userName }) => userName === 'one@corp.example');
    if (one === undefined) throw new Error('not seeded');
    simulator.edit(one.id, { state: 'deleted' });
    expect((await rollcall.startSync()).report.changes.adopt).toMatchObject({ planned: 1, applied: 1 });
    expect(simulator.users().find(({ userName }) => userName === 'twice@corp.example')?.externalIds).toContainEqual({
      authority: 'b',
      value: anchor,
    });
  });
});
