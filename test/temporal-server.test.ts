import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../tools/run-command.ts';
import { startTemporal } from '../tools/temporal.ts';
import { uniqueSyncName } from './support/temporal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-temporal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options = (name: string) => ({ dbFile: join(folder, `${name}.db`), logFile: join(folder, `${name}.log`) });

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

test('a server started again on its database and port still knows its workflows', async () => {
  const workflowId = uniqueSyncName();
  const first = await startTemporal({ ...options('again'), ui: false });
  await withClient(first.address, (client) => client.workflow.start('nobody', { workflowId, taskQueue: workflowId }));
  await first.stop();
  const port = Number(first.address.split(':')[1]);
  const second = await startTemporal({ ...options('again'), port, ui: false });
  try {
    const found = await withClient(second.address, (client) => client.workflow.getHandle(workflowId).describe());
    expect(found.status.name).toBe('RUNNING');
    expect(second.address).toBe(first.address);
  } finally {
    await second.stop();
  }
});

test('a server does not outlive the process that started it and forgot to stop it', async () => {
  const script = `
    import { startTemporal } from ${JSON.stringify(join(import.meta.dirname, '../tools/temporal.ts'))};
    const server = await startTemporal({ ...${JSON.stringify(options('orphan'))}, ui: false });
    console.log('pid=' + server.pid);
    process.exit(0);`;
  const tsx = join(import.meta.dirname, '../node_modules/tsx/dist/cli.mjs');
  const { output } = await runCommand(process.execPath, [tsx, '--input-type=module', '--eval', script]);
  const pid = Number(/pid=(\d+)/.exec(output)?.[1]);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
