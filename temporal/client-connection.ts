import { Client, Connection } from '@temporalio/client';
import { temporalTarget, unreachable } from './target.ts';

/** How long the first connection of a command may take. */
const CONNECT_TIMEOUT_MS = 8_000;

/** A client for the command line. Fails with one sentence when the server cannot be reached. */
export async function connectClient(): Promise<Client> {
  const target = temporalTarget();
  try {
    const connection = await Connection.connect({ ...target.options, connectTimeout: CONNECT_TIMEOUT_MS });
    return new Client({ connection, namespace: target.namespace });
  } catch (error) {
    throw unreachable(target, error);
  }
}
