import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ensurePackages } from '../../tools/packages.ts';
import { startTemporal } from '../../tools/temporal.ts';
import { buildProduct } from './build.ts';
import { startPostgres } from './postgres.ts';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

type Stop = () => Promise<void>;

/**
 * What the system tests share: one Temporal server, one PostgreSQL, one workflow bundle and one build, handed on in the
 * environment as ROLLCALL_TEST_TEMPORAL_ADDRESS, ROLLCALL_TEST_TEMPORAL_UI, ROLLCALL_TEST_POSTGRES_URL,
 * ROLLCALL_TEST_BUNDLE and ROLLCALL_TEST_BUILD. Tests keep apart by their own sync names and databases.
 */
export default async function setup(): Promise<Stop> {
  await ensurePackages(['slapd', 'samba', 'postgresql']);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // Ctrl-C ends the test runner without its teardown; servers see to themselves, the folder must not stay either.
  process.once('exit', removeFolder);
  const started = await Promise.allSettled([temporal(folder), postgres(), bundle(folder), build(folder)]);
  const stop = async () => {
    await Promise.all(started.filter((part) => part.status === 'fulfilled').map((part) => part.value()));
    removeFolder();
    process.off('exit', removeFolder);
  };
  const failed = started.find((part) => part.status === 'rejected');
  if (failed === undefined) return stop;
  await stop();
  throw failed.reason;
}

async function temporal(folder: string): Promise<Stop> {
  const server = await startTemporal({ dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') });
  process.env['ROLLCALL_TEST_TEMPORAL_ADDRESS'] = server.address;
  if (server.uiUrl !== null) process.env['ROLLCALL_TEST_TEMPORAL_UI'] = server.uiUrl;
  return () => server.stop();
}

async function postgres(): Promise<Stop> {
  const server = await startPostgres();
  process.env['ROLLCALL_TEST_POSTGRES_URL'] = server.url;
  return () => server.stop();
}

/** Bundling takes a second or more: once for all workers of the tests. */
async function bundle(folder: string): Promise<Stop> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') });
  const path = join(folder, 'workflows.js');
  await writeFile(path, code);
  process.env['ROLLCALL_TEST_BUNDLE'] = path;
  return () => Promise.resolve();
}

async function build(folder: string): Promise<Stop> {
  process.env['ROLLCALL_TEST_BUILD'] = await buildProduct(folder);
  return () => Promise.resolve();
}
