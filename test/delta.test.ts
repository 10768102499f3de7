import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifPeople } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const AGENTS = 'ou=Agents,dc=corp,dc=example';
const dn = (n: number): string => `uid=agent${String(n).padStart(5, '0')},${AGENTS}`;
let slapd: Slapd;
let simulator: Simulator;
let rollcall: Rollcall;

async function replace(entry: string, type: string, values: string[]): Promise<void> {
  const change = new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
  await slapd.asAdmin((client) => client.modify(entry, change));
}

/** Bodies of the writes since a point in the simulator's log. */
function writesSince(mark: number): unknown[] {
  return simulator.log
    .slice(mark)
    .filter(({ method }) => method === 'PATCH' || method === 'POST')
    .filter(({ on }) => on === 'api')
    .map(({ body }) => body);
}

describe('a delta on OpenLDAP', () => {
  beforeAll(async () => {
    slapd = await startSlapd({ ldif: ldifPeople(20, AGENTS) });
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

  test('without an earlier complete read runs as full', async () => {
    const { report, status } = await rollcall.startSync('--mode', 'delta');
    expect(report).toMatchObject({ mode: 'full', outcome: 'completed', changes: { create: { applied: 20 } } });
    expect(status).toBe(0);
  });

  test('that finds nothing sends Genesys no request at all', async () => {
    const mark = simulator.log.length;
    const { report } = await rollcall.startSync('--mode', 'delta');
    expect(report).toMatchObject({ mode: 'delta', outcome: 'completed', unchanged: 20, directory: { read: 20 } });
    expect(report.requests).toEqual({ token: 0, read: 0, write: 0, throttled: 0 });
    expect(simulator.log.length).toBe(mark);
  });

  test('sees changed, new, gone and disabled people', async () => {
    const mark = simulator.log.length;
    await replace(dn(1), 'title', ['Lead']);
    await replace(dn(2), 'manager', [dn(3)]);
    await slapd.asAdmin((client) => client.del(dn(4)));
    await replace(dn(5), 'pwdAccountLockedTime', ['000001010000Z']);
    const attributes = { uid: 'new', cn: 'New One', sn: 'One', mail: 'new.one@corp.example' };
    await slapd.add(`uid=new,${AGENTS}`, { objectClass: 'inetOrgPerson', ...attributes });
    const { report } = await rollcall.startSync('--mode', 'delta');
    expect(report.changes).toMatchObject({
      create: { applied: 1 },
      update: { applied: 2 },
      deactivate: { applied: 2 },
    });
    expect(report.unchanged).toBe(16);
    expect(writesSince(mark)).toHaveLength(5);
  });

  test('sees a manager who is renamed or gone, although no report changes', async () => {
    await slapd.asAdmin((client) => client.modifyDN(dn(3), 'uid=renamed'));
    const { report } = await rollcall.startSync('--mode', 'delta');
    expect(report.changes.update).toMatchObject({ planned: 1, applied: 1 });
    const second = simulator.users().find((user) => user.userName === 'agent00002@corp.example');
    expect(second).toMatchObject({ manager: null });
  });

  test('leaves who is parked alone until his time comes or his entry changes', async () => {
    await slapd.add(`uid=nomail,${AGENTS}`, { objectClass: 'inetOrgPerson', uid: 'nomail', cn: 'No Mail', sn: 'Mail' });
    expect((await rollcall.startSync('--mode', 'delta')).report).toMatchObject({ outcome: 'parked' });
    expect((await rollcall.startSync('--mode', 'delta')).report).toMatchObject({ outcome: 'completed' });
    await replace(`uid=nomail,${AGENTS}`, 'mail', ['with.mail@corp.example']);
    const { report } = await rollcall.startSync('--mode', 'delta');
    expect(report).toMatchObject({ outcome: 'completed', changes: { create: { applied: 1 } } });
    expect((await rollcall.run('parked', '--json')).stdout).toBe('[]\n');
  });

  test("sees a unit renamed above a manager, which moves nobody's stamp", async () => {
    const attributes = { uid: 'head', cn: 'Head North', sn: 'North', mail: 'head.north@corp.example' };
    await slapd.add(`ou=North,${AGENTS}`, { objectClass: 'organizationalUnit', ou: 'North' });
    await slapd.add(`uid=head,ou=North,${AGENTS}`, { objectClass: 'inetOrgPerson', ...attributes });
    await replace(dn(11), 'manager', [`uid=head,ou=North,${AGENTS}`]);
    const first = await rollcall.startSync('--mode', 'delta');
    expect(first.report.changes).toMatchObject({ create: { applied: 1 }, update: { applied: 1 } });
    const mark = simulator.log.length;
    await slapd.asAdmin((client) => client.modifyDN(`ou=North,${AGENTS}`, 'ou=South'));
    const { report } = await rollcall.startSync('--mode', 'delta');
    // OpenLDAP leaves the report's manager value dangling, so he has none any more; the head himself stays as he was.
    expect(report.changes).toMatchObject({
      update: { applied: 1 },
      deactivate: { planned: 0 },
      create: { planned: 0 },
    });
    expect(writesSince(mark)).toHaveLength(1);
  });
});
