import { NativeConnection } from '@temporalio/worker';
import { temporalFailure, unreachable } from './failures.ts';
import { temporalTarget } from './target.ts';

/** A connection for the worker. Fails with one sentence when server or namespace are not there. */
export async function connectWorker(): Promise<{ connection: NativeConnection; namespace: string }> {
  const target = temporalTarget();
  const { namespace } = target;
  const connection = await NativeConnection.connect(target.options).catch((error: unknown) => {
    throw unreachable(target, error);
  });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await connection.close();
    throw temporalFailure(error);
  }
  return { connection, namespace };
}
