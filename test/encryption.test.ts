import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { dataConverter } from '../temporal/data-converter.ts';
import { freePort, startServer, type ServerProcess } from '../tools/server-process.ts';
import { startTemporal, type TemporalServer } from '../tools/temporal.ts';
import { builtProduct } from './support/build.ts';
import { simulatorTarget, UNPACED } from './support/configuration.ts';
import { encryptionWith, newKey } from './support/encryption.ts';
import { fetchHistory, membersNamed, workflowIdOf, type KeptHistory } from './support/kept-histories.ts';
import { wordsFound } from './support/planted.ts';
import { Rollcall } from './support/rollcall.ts';
import { startOpenLdapStaff, type Colleague, type StaffDirectory } from './support/staff-directory.ts';
import { workflowBundlePath } from './support/temporal.ts';
import { until } from './support/until.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Nobody of them is named while encryption is on, in whatever Temporal keeps. */
const HIDDEN = ['Dunkelmann', 'Schattenberg', 'Heimlichreuth', 'Verschwiegenau', 'Stillfried'];
/** People of the time before, and who applied the schedules then. */
const SEEN = ['Klarwasser', 'Offenbach'];
const KEY = newKey();
const TOKEN = 'token-of-the-codec-server';
const ORIGIN = 'http://127.0.0.1:8233';

let folder: string;
let server: TemporalServer;
let staff: StaffDirectory;
let unit: string;
let simulator: Simulator;
let rollcall: Rollcall;
let codecServer: ServerProcess;
let codecUrl: string;

const person = (login: string, name: string): Colleague => ({ login, name, title: 'Agent' });
const dn = (login: string): string => staff.dn(login, unit);

beforeAll(async () => {
  // This test needs a server whose files it may read.
  delete process.env['TEMPORAL_ADDRESS'];
  // What is tested is that a replay fails; its log would only look like a fault of the test.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
  folder = await mkdtemp(join(tmpdir(), 'rollcall-encryption-'));
  server = await startTemporal({
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    ui: false,
  });
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Heimlichreuth');
  simulator = await startSimulator(UNPACED);
  rollcall = new Rollcall(configuration(), { TEMPORAL_ADDRESS: server.address, ROLLCALL_TEST_KEY: KEY });
});

afterAll(async () => {
  await codecServer?.stop();
  await rollcall?.close();
  await simulator?.stop();
  await server?.stop();
  await staff?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

function configuration(more: Record<string, unknown> = {}, safety: Record<string, unknown> = {}) {
  return {
    directories: [staff.configuration([unit])],
    target: simulatorTarget(simulator),
    safety: { firstRun: 'apply', creates: { max: 0, percent: 'none', floor: 0 }, ...safety },
    schedule: { full: '0 2 1 1 *' },
    ...more,
  };
}

/** Encryption is on, and one person has to be there in every good read. */
async function encrypted() {
  const listen = `127.0.0.1:${await freePort()}`;
  codecUrl = `http://${listen}`;
  const keys = { '2026-11': '${ROLLCALL_TEST_KEY}' };
  const encryption = { keys, active: '2026-11', codecServer: { listen, origin: ORIGIN, token: TOKEN } };
  return configuration({ encryption }, { canaries: [dn('d.schattenberg')] });
}

/** Looks with the key, or without it. */
async function withClient<T>(key: string | null, look: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  const encryption = key === null ? null : encryptionWith({ '2026-11': key });
  try {
    return await look(new Client({ connection, dataConverter: dataConverter(encryption) }));
  } finally {
    await connection.close();
  }
}

/** The newest history of the workflows that a query of the visibility store finds. */
function historyOf(query: string): Promise<KeptHistory> {
  return withClient(KEY, async (client) => {
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      return fetchHistory(client.workflow.getHandle(workflowId, runId));
    }
    throw new Error(`no workflow matches ${query}`);
  });
}

test('turned on with a batch waiting, encryption hides everybody from then on', async () => {
  await staff.add(unit, [person('k.klarwasser', 'Karla Klarwasser')]);
  await rollcall.startWorker();
  expect(await rollcall.startSync()).toMatchObject({ status: 0, report: { changes: { create: { applied: 1 } } } });
  expect(await rollcall.run('schedule', 'apply', '--actor', 'offenbach')).toMatchObject({ status: 0 });
  await staff.add(unit, [
    person('d.dunkelmann', 'Dorothea Dunkelmann'),
    person('d.schattenberg', 'Detlev Schattenberg'),
  ]);
  const held = await rollcall.startSync();
  expect(held).toMatchObject({ status: 4, report: { outcome: 'held' } });

  rollcall.configure(await encrypted());
  await rollcall.stopWorkers();
  await rollcall.startWorker();
  const message = 'Dorothea Dunkelmann is refused';
  simulator.faults.add({ effect: { kind: 'status', status: 400, scimType: 'invalidValue', message }, method: 'POST' });
  const decision = [
    '--plan',
    held.report.heldBatch ?? '',
    '--reason',
    'asked by Verschwiegenau',
    '--actor',
    'stillfried',
  ];
  const approved = await rollcall.run('approve', ...decision, '--wait', '--json');
  expect({ status: approved.status, stderr: approved.stderr }).toMatchObject({ status: 3 });
  expect(JSON.parse(approved.stdout)).toMatchObject({ changes: { create: { applied: 1, parked: 1 } } });

  expect(await rollcall.run('schedule', 'apply', '--actor', 'stillfried')).toMatchObject({ status: 0 });
  const pause = ['schedule', 'pause', '--actor', 'stillfried', '--reason', 'Verschwiegenau is on leave'];
  expect(await rollcall.run(...pause)).toMatchObject({ status: 0, stderr: expect.stringContaining('is left out') });
});

test('a failed run tells its reason to who has the key, and to nobody else', async () => {
  await staff.remove(dn('d.schattenberg'));
  const failed = await rollcall.startSync();
  expect(failed).toMatchObject({ status: 1, report: { error: expect.stringContaining('d.schattenberg') } });
  const history = await historyOf('WorkflowType = "syncRun" AND SyncOutcome = "failed"');
  const last = history.events.at(-1)?.['workflowExecutionFailedEventAttributes'];
  expect(last).toMatchObject({ failure: { message: 'Encoded failure' } });
  await withClient(KEY, async (client) => {
    const end = client.workflow.getHandle(workflowIdOf(history)).result();
    await expect(end).rejects.toMatchObject({ cause: { message: expect.stringContaining('d.schattenberg') } });
  });
});

test('a history is replayed with its key, and without it says which one is missing', async () => {
  const workflowBundle = { codePath: workflowBundlePath() };
  const replay = (history: KeptHistory, key: string | null): Promise<void> => {
    const encryption = key === null ? null : encryptionWith({ '2026-11': key });
    const options = { workflowBundle, dataConverter: dataConverter(encryption) };
    return Worker.runReplayHistory(options, history, workflowIdOf(history));
  };
  const slice = await historyOf('WorkflowType = "applySlice"');
  await expect(replay(slice, KEY)).resolves.toBeUndefined();
  const run = await historyOf('WorkflowType = "syncRun" AND SyncOutcome = "failed"');
  await expect(replay(run, KEY)).resolves.toBeUndefined();
  await expect(replay(slice, null)).rejects.toThrow('encrypted with key 2026-11');
});

test('a command without the key says so in one sentence', async () => {
  const file = join(rollcall.folder, 'keyless.yaml');
  await writeFile(file, JSON.stringify({ name: rollcall.sync, ...configuration() }));
  const { status, stdout, stderr } = await rollcall.runWith(file, 'schedule', 'list');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(
    'Temporal holds values encrypted with key 2026-11, which this configuration does not have; add that key under encryption.keys, and keep it there until no history needs it.\n',
  );
});

test('the codec server shows a history to whoever has its token', async () => {
  const script = join(builtProduct(), 'worker/codec-server.js');
  const logFile = join(rollcall.folder, 'codec-server.log');
  codecServer = await startServer(process.execPath, [script, '--config', rollcall.configFile], {
    logFile,
    env: rollcall.env,
  });
  const { events } = await historyOf('WorkflowType = "applySlice"');
  const [begun] = membersNamed(events[0], 'input');
  const decode = (headers: Record<string, string>) =>
    fetch(`${codecUrl}/decode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-namespace': 'default', ...headers },
      body: JSON.stringify(begun),
    });
  await until('the codec server answers', () =>
    decode({}).then(
      ({ status }) => status === 401,
      () => false,
    ),
  );
  const answer = await decode({ authorization: `Bearer ${TOKEN}` });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, ORIGIN]);
  const { payloads } = (await answer.json()) as { payloads: { data: string }[] };
  expect(JSON.parse(Buffer.from(payloads[0]!.data, 'base64').toString())).toMatchObject({ sync: rollcall.sync });
  await codecServer.stop();
  expect(codecServer.isRunning()).toBe(false);
});

test("the server's files name nobody, though they did before", async () => {
  await rollcall.stopWorkers();
  await server.stop();
  expect(wordsFound(folder, SEEN)).toEqual(SEEN);
  expect(wordsFound(folder, HIDDEN)).toEqual([]);
});
