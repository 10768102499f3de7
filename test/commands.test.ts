import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { defaultMappingText, exampleConfigText } from '../config/shipped.ts';
import type { RunReport } from '../model/run.ts';
import type { RunRow } from '../state/state.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { startPostgres } from './support/postgres.ts';
import { Stage } from './support/stage.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { connectTemporal, temporalAddress } from './support/temporal.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const people = (count: number): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({ login: `agent${index}`, name: `Agent ${index}`, title: 'Agent' }));

let directory: StaffDirectory;
let unit: string;
let stage: Stage;

beforeAll(async () => {
  directory = await startOpenLdapStaff();
  unit = await directory.unit('Staff');
  await directory.add(unit, people(3));
  stage = await Stage.open({ directories: [directory.configuration([unit])] });
});

afterAll(async () => {
  await stage?.close();
  await directory?.stop();
});

/** Ids of the workflows of a sync that Temporal has ever seen. */
async function workflowIds(sync: string): Promise<string[]> {
  const { client, close } = await connectTemporal();
  try {
    const ids: string[] = [];
    const query = `WorkflowId STARTS_WITH "rollcall:${sync}"`;
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
    return ids;
  } finally {
    await close();
  }
}

/** Waits, within two minutes. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1_200) throw new Error(`${what} did not happen`);
    await sleep(100);
  }
}

describe('a run that is going on', () => {
  test('keeps a second start out, with exit 5, and is followed by --join', async () => {
    const { faults, log } = stage.simulator;
    faults.add({ effect: { kind: 'status', status: 429 }, method: 'POST', count: null });
    const started = await stage.play<{ runId: string; workflowId: string }>('start-sync', '--json');
    expect(started).toMatchObject({ status: 0, json: { workflowId: `rollcall:${stage.rollcall.sync}` } });
    await until('a refused create', () => log.some(({ status }) => status === 429));
    const second = await stage.rollcall.run('start-sync', '--wait', '--json');
    expect(second).toMatchObject({
      status: 5,
      stdout: '',
      stderr: expect.stringMatching(/already going on.*--join\.\n$/),
    });
    const retry = await stage.rollcall.run('retry-failed', '--wait');
    expect(retry).toMatchObject({ status: 5, stdout: '' });

    const shown = stage.rollcall.begin('start-sync', '--join');
    await until('progress of the joined run', () => shown.stderr().includes('applying: 0 of 3 changes'));
    faults.clear();
    expect(await shown.ended).toMatchObject({ status: 0, stdout: expect.stringContaining(started.json.runId) });
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  });

  test('is not needed for --join: it then starts one', async () => {
    const { status, json } = await stage.sync('--join');
    expect({ status, outcome: json.outcome, unchanged: json.unchanged }).toEqual({
      status: 0,
      outcome: 'completed',
      unchanged: 3,
    });
  });
});

describe('runs', () => {
  test('lists the newest runs with who started them and how they ended', async () => {
    await directory.change(directory.dn('agent0', unit), { mail: null });
    const { json: last } = await stage.sync('--dry-run', '--actor', 'carol');
    await directory.change(directory.dn('agent0', unit), { mail: 'agent0@corp.example' });
    const { status, json } = await stage.play<RunRow[]>('runs', '--json', '--limit', '2');
    expect(status).toBe(0);
    expect(json).toMatchObject([
      { runId: last.runId, mode: 'full', dryRun: true, actor: 'carol', outcome: 'parked', error: null },
      { mode: 'full', dryRun: false, outcome: 'completed', directory: { read: 3, complete: true } },
    ]);
    const { stdout } = await stage.rollcall.run('runs');
    expect(stdout).toContain(last.runId);
    expect(stdout).toContain('full (dry)');
  });
});

describe('plan', () => {
  test('shows no plan in place of the preview of another configuration, whose pace and limits may differ', async () => {
    const { json: report } = await stage.play<RunReport>('start-sync', '--dry-run', '--wait', '--json');
    const restore = readFileSync(stage.rollcall.configFile, 'utf8');
    try {
      stage.configure({ configuration: { safety: { firstRun: 'hold', updates: { max: 0 } } } });
      expect(await stage.play('plan', '--json')).toMatchObject({ status: 0, json: { heldBatch: report.heldBatch } });
      stage.configure({ configuration: { defaultRegion: 'FR' } });
      expect(await stage.rollcall.run('plan', '--json')).toMatchObject({
        ...{ status: 2, stdout: '' },
        stderr: expect.stringMatching(/^This configuration .* not the one of the last run .*--dry-run --wait`\.\n$/),
      });
    } finally {
      writeFileSync(stage.rollcall.configFile, restore);
    }
  });
});

describe('a report for people', () => {
  test('tells the outcome, the changes and the requests on stdout', async () => {
    await directory.change(directory.dn('agent1', unit), { title: 'Team Lead' });
    const { status, stdout } = await stage.rollcall.run('start-sync', '--wait');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^completed: full run/);
    expect(stdout).toMatch(/^update\s+1\s+1\s+0\s+0\s+0$/m);
    expect(stdout).toContain('2 people unchanged');
    expect(stdout).toContain('1 write');
  });
});

describe('without a worker', () => {
  test('nothing is started, exit 1, and Temporal has no workflow of the sync', async () => {
    const lonely = await Stage.open({ directories: [directory.configuration([unit])] });
    await lonely.rollcall.stopWorkers();
    try {
      for (const args of [['start-sync', '--wait', '--json'], ['start-sync'], ['retry-failed', '--json']]) {
        const refused = await lonely.rollcall.run(...args);
        expect(refused).toMatchObject({
          status: 1,
          stdout: '',
          stderr: expect.stringMatching(/^No worker is running.*\.\n$/),
        });
      }
      expect(await workflowIds(lonely.rollcall.sync)).toEqual([]);
      expect((await lonely.play<RunRow[]>('runs', '--json')).json).toEqual([]);
      expect(await lonely.play('plan', '--json')).toMatchObject({
        ...{ status: 0, json: { heldBatch: null, changes: [] } },
        stderr: expect.stringMatching(/has not run yet; begin with/),
      });
      expect(lonely.simulator.log).toEqual([]);
    } finally {
      await lonely.close();
    }
  });
});

interface CheckReport {
  ok: boolean;
  checks: { name: string; ok: boolean; detail: string }[];
}

describe('check', () => {
  /** What fails of a check, as name and detail. */
  async function failures(directories: Record<string, unknown>[], target: Record<string, unknown> = {}) {
    const { json, status } = await checked(directories, target);
    expect({ status, ok: json.ok }).toEqual({ status: 1, ok: false });
    return Object.fromEntries(json.checks.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]));
  }

  /** `check` with another configuration than the worker's, which runs on. */
  async function checked(directories: Record<string, unknown>[], target: Record<string, unknown>) {
    const restore = readFileSync(stage.rollcall.configFile, 'utf8');
    stage.configure({ directories, target });
    try {
      return await stage.play<CheckReport>('check', '--json');
    } finally {
      writeFileSync(stage.rollcall.configFile, restore);
    }
  }

  test('tries every part and finds all well', async () => {
    const { status, json, writes } = await stage.play<CheckReport>('check', '--json');
    expect(json.checks.map(({ name }) => name)).toEqual([
      ...['configuration', 'state', 'temporal', 'worker'],
      ...['bind', 'search', 'mapping'].map((part) => `directory corp-ldap: ${part}`),
      ...['genesys: token', 'genesys: SCIM read'],
    ]);
    expect({ status, ok: json.ok, failed: json.checks.filter(({ ok }) => !ok), writes }).toEqual({
      ...{ status: 0, ok: true, failed: [], writes: [] },
    });
    const { stdout, status: shown } = await stage.rollcall.run('check');
    expect(shown).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(9);
    expect(stdout).toMatch(/^(ok .*\n){9}$/);
  });

  test('names the directory that cannot be used, and why', async () => {
    const good = directory.configuration([unit]);
    const failed = await failures([
      { ...good, name: 'password', bindPassword: 'wrong' },
      { ...good, name: 'base', bases: [`ou=Nowhere,${directory.suffix}`] },
      { ...good, name: 'nobody', filter: '(uid=nobody)' },
      { ...good, name: 'nologin', filter: '(objectClass=person)', bases: [directory.suffix, unit] },
      { ...good, name: 'down', urls: ['ldaps://127.0.0.1:9'] },
    ]);
    expect(failed['directory password: bind']).toMatch(/password/i);
    expect(failed['directory base: search']).toMatch(/Nowhere/i);
    expect(failed['directory nobody: search']).toMatch(/nobody found/);
    expect(failed['directory down: bind']).toMatch(/127\.0\.0\.1:9/);
    expect(Object.keys(failed).filter((name) => !name.startsWith('directory '))).toEqual([]);
  });

  test('names people whom the mapping could not use', async () => {
    const odd = await directory.unit('Odd');
    await directory.add(odd, [{ login: 'nologin', name: 'No Login' }]);
    await directory.change(directory.dn('nologin', odd), { mail: null });
    const failed = await failures([directory.configuration([odd])]);
    expect(Object.keys(failed)).toEqual(['directory corp-ldap: mapping']);
    expect(failed['directory corp-ldap: mapping']).toContain(directory.dn('nologin', odd));
    expect(failed['directory corp-ldap: mapping']).toContain('userName');
  });

  test('names the part of Genesys Cloud that refuses', async () => {
    const failed = await failures([directory.configuration([unit])], { clientSecret: 'wrong' });
    expect(Object.keys(failed)).toEqual(['genesys: token']);
    const { simulator } = stage;
    simulator.faults.add({ effect: { kind: 'status', status: 403 }, method: 'GET', count: null });
    const forbidden = await failures([directory.configuration([unit])]);
    simulator.faults.clear();
    expect(Object.keys(forbidden)).toEqual(['genesys: SCIM read']);
  });

  test('names Temporal where it does not answer', async () => {
    const address = stage.rollcall.env['TEMPORAL_ADDRESS'];
    stage.rollcall.env['TEMPORAL_ADDRESS'] = '127.0.0.1:9';
    const { json, status } = await stage.play<CheckReport>('check', '--json');
    stage.rollcall.env['TEMPORAL_ADDRESS'] = address ?? temporalAddress();
    expect(status).toBe(1);
    const failed = json.checks.filter(({ ok }) => !ok);
    expect(failed.map(({ name }) => name)).toEqual(['temporal']);
    expect(failed[0]?.detail).toMatch(/127\.0\.0\.1:9/);
  });
});

describe('init', () => {
  test('writes a configuration and the default mapping, and overwrites neither', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-init-'));
    const [config, mapping] = [join(folder, 'rollcall.yaml'), join(folder, 'mapping.yaml')];
    const init = (...args: string[]) => stage.rollcall.runWith(config, 'init', ...args);
    try {
      const made = await init();
      expect(made).toMatchObject({ status: 0, stdout: defaultMappingText() });
      expect(readFileSync(config, 'utf8')).toBe(exampleConfigText());
      expect(parse(readFileSync(mapping, 'utf8'))).toEqual(parse(defaultMappingText()));

      writeFileSync(config, 'name: mine\n');
      expect(await init('--json')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/exists already/),
      });
      rmSync(config);
      writeFileSync(mapping, 'title: title\n');
      expect(await init()).toMatchObject({ status: 2, stdout: '' });
      expect(readFileSync(mapping, 'utf8')).toBe('title: title\n');
      rmSync(mapping);
      const json = await init('--json');
      expect({ status: json.status, made: JSON.parse(json.stdout) as unknown }).toEqual({
        status: 0,
        made: { config, mapping },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('wrong usage', () => {
  test('is exit 2 with one sentence, before anything is contacted', async () => {
    for (const args of [['start-sync', '--mode', 'sideways'], ['approve'], ['runs', '--limit', '0']]) {
      const { status, stdout, stderr } = await stage.rollcall.run(...args);
      expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
      expect(stderr.trim()).not.toBe('');
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });
});

describe('state in PostgreSQL', () => {
  test('carries a first run, a held batch and a second run', async () => {
    const postgres = await startPostgres();
    const staff = await directory.unit('Postgres');
    await directory.add(staff, people(40));
    const served = await Stage.open({
      directories: [directory.configuration([staff])],
      configuration: { safety: { firstRun: 'hold' }, state: { url: await postgres.database() } },
    });
    try {
      const held = await served.sync();
      expect(held).toMatchObject({ status: 4, writes: [], json: { outcome: 'held' } });
      const first = await served.play<RunReport>('approve', '--plan', held.json.heldBatch ?? '', '--wait', '--json');
      expect(first).toMatchObject({ status: 0, json: { mode: 'approved', changes: { create: { applied: 40 } } } });
      expect(first.writes).toHaveLength(40);
      expect(shownUsers(served.simulator)).toEqual(await expectedUsers(directory, staff));
      await directory.change(directory.dn('agent0', staff), { title: 'Team Lead' });
      const second = await served.sync();
      expect(second).toMatchObject({ status: 0, json: { outcome: 'completed', unchanged: 39 } });
      expect(served.patches(second.writes)).toEqual({ agent0: [{ op: 'replace', path: 'title', value: 'Team Lead' }] });
    } finally {
      await served.close();
      await postgres.stop();
    }
  });
});
