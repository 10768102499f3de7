import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';

/** `host:port` of the Temporal server that all system tests share. */
export function temporalAddress(): string {
  const address = process.env['ROLLCALL_TEST_TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('No Temporal server: this test has to run in the project "system".');
  return address;
}

/** The workflow bundle's path, for `workflowBundle: { codePath }` of a worker: bundled once for all tests. */
export function workflowBundlePath(): string {
  const path = process.env['ROLLCALL_TEST_BUNDLE'];
  if (path === undefined) throw new Error('No workflow bundle: this test has to run in the project "system".');
  return path;
}

export interface TemporalClient {
  client: Client;
  close(): Promise<void>;
}

/** A client of the shared server, namespace `default`; to be closed. */
export async function connectTemporal(): Promise<TemporalClient> {
  const connection = await Connection.connect({ address: temporalAddress() });
  return { client: new Client({ connection }), close: () => connection.close() };
}

/** A sync name nobody else uses: it keeps the workflow ids and task queues of one test apart from all others. */
export function uniqueSyncName(prefix: string = 'sync'): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
