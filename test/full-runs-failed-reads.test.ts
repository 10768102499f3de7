import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from './support/cutting-proxy.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import type { Slapd } from './support/slapd.ts';
import { Stage } from './support/stage.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const people = (count: number, name = 'agent'): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({ login: `${name}${index}`, name: `Agent ${index}`, title: 'Agent' }));

const OFF = [{ op: 'replace', path: 'active', value: false }];

/** A run that fails by its read: exit 1, one sentence, nothing planned, nothing written. */
async function expectFailedRead(stage: Stage, reason: RegExp, read: unknown = expect.any(Number)): Promise<void> {
  const users = stage.simulator.users();
  const { status, json, writes } = await stage.sync();
  expect(json).toMatchObject({
    outcome: 'failed',
    error: expect.stringMatching(reason),
    directory: { read, complete: false },
  });
  expect(json.error).toMatch(/^[^\n]*\.$/);
  expect(Object.values(json.changes).map(({ planned }) => planned)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect({ status, writes }).toEqual({ status: 1, writes: [] });
  expect(stage.simulator.users()).toEqual(users);
}

describe('a read that does not come to its end', () => {
  const PEOPLE = 60;
  let directory: StaffDirectory & { slapd: Slapd };
  let proxy: CuttingProxy;
  let stage: Stage;
  let unit: string;

  const configuration = (more: Record<string, unknown> = {}) =>
    directory.configuration([unit], { urls: [`ldaps://127.0.0.1:${proxy.port}`], pageSize: 10, ...more });

  beforeAll(async () => {
    directory = await startOpenLdapStaff({ sizeLimit: 25 });
    unit = await directory.unit('Staff');
    await directory.add(unit, people(PEOPLE));
    proxy = await startCuttingProxy(Number(new URL(directory.slapd.ldapsUrl).port));
    stage = await Stage.open({ directories: [configuration()] });
    await stage.firstRun(PEOPLE);
    await directory.remove(directory.dn('agent0', unit));
    await directory.change(directory.dn('agent1', unit), { title: 'Team Lead' });
  });

  afterAll(async () => {
    await stage?.close();
    await proxy?.stop();
    await directory?.stop();
  });

  test('because the server dies in the middle plans nothing and deactivates nobody', async () => {
    let killed: Promise<void> | undefined;
    // Enough for the handshake, the bind and a page or two, of six.
    proxy.cutAfter(9_000, () => {
      killed ??= directory.slapd.kill();
    });
    await expectFailedRead(stage, /corp-ldap/);
    expect(killed).toBeDefined();
    await killed;
    await expectFailedRead(stage, /corp-ldap/);
    await directory.slapd.start();
    proxy.mend();
  });

  test('because of a size limit plans nothing and deactivates nobody', async () => {
    const { dn: bindDn, password: bindPassword } = directory.slapd.limited;
    await stage.reconfigure({ directories: [configuration({ bindDn, bindPassword })] });
    await expectFailedRead(stage, /size limit/i, 20);
  });

  test('because its base is missing plans nothing and deactivates nobody', async () => {
    await stage.reconfigure({ directories: [configuration({ bases: [unit, `ou=Nowhere,${directory.suffix}`] })] });
    await expectFailedRead(stage, /Nowhere/i);
  });

  test('is made good by the next whole one', async () => {
    await stage.reconfigure({ directories: [configuration()] });
    const { status, json, writes } = await stage.sync();
    expect({ status, error: json.error }).toEqual({ status: 0, error: null });
    expect(stage.patches(writes)).toEqual({
      agent0: OFF,
      agent1: [{ op: 'replace', path: 'title', value: 'Team Lead' }],
    });
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  });
});

describe('one of two directories that is down', () => {
  test('freezes its own people alone; leavers wait until all can be asked', async () => {
    const here = await startOpenLdapStaff();
    const there = await startOpenLdapStaff();
    const [agents, partners] = [await here.unit('Agents2'), await there.unit('Partners')];
    await here.add(agents, people(4));
    await there.add(partners, people(4, 'partner'));
    const stage = await Stage.open({
      directories: [
        here.configuration([agents], { name: 'corp-ldap' }),
        there.configuration([partners], { name: 'partner-ldap' }),
      ],
    });
    try {
      expect(await stage.sync()).toMatchObject({ status: 0, json: { changes: { create: { applied: 8 } } } });
      await there.change(there.dn('partner0', partners), { title: 'Team Lead' });
      await here.change(here.dn('agent0', agents), { title: 'Team Lead' });
      await here.remove(here.dn('agent1', agents));
      await here.add(agents, people(1, 'newcomer'));
      await there.slapd.kill();

      const run = await stage.sync();
      expect(run.json.error).toMatch(/^partner-ldap could not be read.*\.$/);
      expect(run.json).toMatchObject({
        directory: { read: 4, inScope: 4, complete: false },
        changes: { create: { applied: 1 }, update: { applied: 1 }, deactivate: { planned: 0 } },
      });
      expect(stage.patches(run.writes)).toEqual({ agent0: [{ op: 'replace', path: 'title', value: 'Team Lead' }] });
      expect(run.writes).toHaveLength(2);
      expect(run.status).toBe(0);
      expect(await stage.play('status', '--json')).toMatchObject({
        status: 1,
        json: { lastRun: { runId: run.json.runId, directoryComplete: false }, lastFull: { directoryComplete: true } },
      });

      await there.slapd.start();
      const next = await stage.sync();
      expect(next).toMatchObject({ status: 0, json: { error: null, directory: { complete: true } } });
      expect(stage.patches(next.writes)).toEqual({
        agent1: OFF,
        partner0: [{ op: 'replace', path: 'title', value: 'Team Lead' }],
      });
      const expected = [...(await expectedUsers(here, agents)), ...(await expectedUsers(there, partners))];
      expect(shownUsers(stage.simulator)).toEqual(
        expected.toSorted((a, b) => (a.externalId ?? '').localeCompare(b.externalId ?? '')),
      );
    } finally {
      await stage.close();
      await here.stop();
      await there.stop();
    }
  });
});
