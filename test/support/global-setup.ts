import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ensurePackages } from '../../tools/packages.ts';
import { startTemporal } from '../../tools/temporal.ts';
import { buildProduct } from './build.ts';
import { makeServerKey, sharedServerKey } from './certificates.ts';
import { startPostgres } from './postgres.ts';
import { SHARED_FOLDER, tellShared, type Shared } from './shared.ts';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

type Stop = () => Promise<void>;

/** One of the shared things: what tests have to know of it, and how it ends. */
interface Part {
  shared: Shared;
  stop: Stop;
}

const nothing: Stop = () => Promise.resolve();

/**
 * Begins what the system tests share: the directory servers' packages, one Temporal server, one PostgreSQL, one workflow
 * bundle and one build. It does not wait: a new machine installs and builds for minutes, and unit tests need none of it.
 * System tests wait in `await-shared.ts`. They keep apart by their own sync names and databases.
 */
export default async function setup(): Promise<Stop> {
  // One for all projects that ask for it.
  if (process.env[SHARED_FOLDER] !== undefined) return nothing;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // Ctrl-C ends the test runner without its teardown; servers see to themselves, the folder must not stay either.
  process.once('exit', removeFolder);
  process.env[SHARED_FOLDER] = folder;
  const packages = ensurePackages(['slapd', 'samba', 'postgresql']);
  const started = Promise.allSettled([
    packages.then(() => serverKey(folder)),
    packages.then(postgres),
    temporal(folder),
    bundle(folder),
    build(folder),
  ]);
  const told = started.then((parts) => tell(folder, parts));
  return async () => {
    await told;
    const parts = await started;
    await Promise.all(parts.filter((part) => part.status === 'fulfilled').map((part) => part.value.stop()));
    removeFolder();
    process.off('exit', removeFolder);
  };
}

async function tell(folder: string, parts: PromiseSettledResult<Part>[]): Promise<void> {
  const failed = parts.find((part) => part.status === 'rejected');
  const shared = parts.map((part) => (part.status === 'fulfilled' ? part.value.shared : {}));
  const failure = failed === undefined ? null : String(failed.reason);
  await tellShared(folder, { failure, shared: Object.assign({}, ...shared) as Shared });
}

async function serverKey(folder: string): Promise<Part> {
  await makeServerKey(sharedServerKey(folder));
  return { shared: {}, stop: nothing };
}

async function temporal(folder: string): Promise<Part> {
  const server = await startTemporal({ dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') });
  const ui = server.uiUrl === null ? {} : { ROLLCALL_TEST_TEMPORAL_UI: server.uiUrl };
  return { shared: { ROLLCALL_TEST_TEMPORAL_ADDRESS: server.address, ...ui }, stop: () => server.stop() };
}

async function postgres(): Promise<Part> {
  const server = await startPostgres();
  return { shared: { ROLLCALL_TEST_POSTGRES_URL: server.url }, stop: () => server.stop() };
}

/** Bundling takes a second or more: once for all workers of the tests. */
async function bundle(folder: string): Promise<Part> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') });
  const path = join(folder, 'workflows.js');
  await writeFile(path, code);
  return { shared: { ROLLCALL_TEST_BUNDLE: path }, stop: nothing };
}

async function build(folder: string): Promise<Part> {
  return { shared: { ROLLCALL_TEST_BUILD: await buildProduct(folder) }, stop: nothing };
}
