import { Client, Connection } from '@temporalio/client';
import type { EncryptionSettings } from '../model/settings.ts';
import { dataConverter } from './data-converter.ts';
import { temporalFailure, unreachable } from './failures.ts';
import { temporalTarget } from './target.ts';

/** How long the first connection of a command may take. */
const CONNECT_TIMEOUT_MS = 8_000;

/** A client for the command line. Fails with one sentence when server or namespace are not there. */
export async function connectClient(encryption: EncryptionSettings | null): Promise<Client> {
  const target = temporalTarget();
  const { namespace } = target;
  const connection = await Connection.connect({ ...target.options, connectTimeout: CONNECT_TIMEOUT_MS }).catch(
    (error: unknown) => {
      throw unreachable(target, error);
    },
  );
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await connection.close();
    throw temporalFailure(error);
  }
  return new Client({ connection, namespace, dataConverter: dataConverter(encryption) });
}
