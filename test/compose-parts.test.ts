import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDirectory } from '../directory/open.ts';
import { compileMapping } from '../mapping/compile.ts';
import { mapEntry } from '../mapping/map-entry.ts';
import { openState } from '../state/open.ts';
import { runCommand } from '../tools/run-command.ts';
import { freePort, startServer, waitUntilReady } from '../tools/server-process.ts';
import { composeSettings } from './support/compose.ts';
import { isListening } from './support/ports.ts';

const ROOT = join(import.meta.dirname, '..');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-compose-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the OpenLDAP of the trial serves people whom the shipped mapping takes', async () => {
  const port = await freePort();
  const data = join(folder, 'ldap');
  await mkdir(data);
  const env = {
    ...process.env,
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
    TMPDIR: folder,
    LDAP_ADMIN_PASSWORD: 'an administrator',
    LDAP_BIND_PW: 'a r&ader/|',
    LDAP_DATA: data,
    LDAP_CONF: join(ROOT, 'docker/openldap/slapd.conf'),
    LDAP_LDIF: join(ROOT, 'docker/openldap/people.ldif'),
    LDAP_LISTEN: `ldap://127.0.0.1:${port}`,
  };
  const logFile = join(folder, 'slapd.log');
  const script = join(ROOT, 'docker/openldap/start.sh');
  const count = async (): Promise<number> => {
    const server = await startServer('/bin/sh', [script], { env, logFile });
    try {
      const up = await waitUntilReady(server, () => isListening('127.0.0.1', port), 60_000);
      expect({ up, log: readFileSync(logFile, 'utf8') }).toEqual({ up: true, log: '' });
      return await countValidPeople(port, env.LDAP_BIND_PW);
    } finally {
      await server.stop();
    }
  };
  expect(await count()).toBe(8);
  // The second start finds the volume full.
  expect(await count()).toBe(8);
});

async function countValidPeople(port: number, password: string): Promise<number> {
  const settings = composeSettings();
  const [configured] = settings.directories;
  if (configured === undefined) throw new Error('docker/rollcall.yaml names no directory');
  const mapping = compileMapping(settings.mapping);
  const local = { ...configured, urls: [`ldap://127.0.0.1:${port}`], bindPassword: { read: () => password } };
  const now = new Date();
  const directory = await openDirectory(local, { attributes: mapping.attributes, now });
  const context = { defaultRegion: settings.defaultRegion, now, anchorOf: () => undefined };
  let valid = 0;
  try {
    for await (const entry of directory.read().entries) {
      const { desired, problems } = mapEntry(mapping, entry, context);
      expect(problems).toEqual([]);
      if (desired?.active === true) valid += 1;
    }
  } finally {
    await directory.close();
  }
  return valid;
}

test("PostgreSQL's script makes a database that takes Rollcall's state", async () => {
  const shared = new URL(process.env['ROLLCALL_TEST_POSTGRES_URL'] ?? '');
  const env = {
    ...process.env,
    PGHOST: shared.hostname,
    PGPORT: shared.port,
    PGPASSWORD: decodeURIComponent(shared.password),
    POSTGRES_USER: decodeURIComponent(shared.username),
    ROLLCALL_DB_PASSWORD: "it's secret",
  };
  // The tests' own superuser is called rollcall already.
  const script = readFileSync(join(ROOT, 'docker/postgres/rollcall-database.sh'), 'utf8').replaceAll(
    'rollcall',
    'trial',
  );
  expect(await runCommand('/bin/sh', ['-c', script], { env })).toMatchObject({ status: 0 });
  const url = `postgres://trial:${encodeURIComponent(env.ROLLCALL_DB_PASSWORD)}@${shared.host}/trial`;
  const state = await openState({ url: { read: () => url }, folder });
  expect(state.engine).toBe('postgres');
  await state.close();
});

test.each([
  'docker/openldap/start.sh',
  'docker/postgres/rollcall-database.sh',
  'docker/temporal/setup-schema.sh',
  'docker/temporal/create-namespace.sh',
])('%s is a script that a shell can read', async (path) => {
  expect(await runCommand('/bin/sh', ['-n', join(ROOT, path)])).toEqual({ status: 0, output: '' });
});
