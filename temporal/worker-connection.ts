import { NativeConnection } from '@temporalio/worker';
import { temporalTarget, unreachable } from './target.ts';

/** A connection for the worker. */
export async function connectWorker(): Promise<{ connection: NativeConnection; namespace: string }> {
  const target = temporalTarget();
  try {
    return { connection: await NativeConnection.connect(target.options), namespace: target.namespace };
  } catch (error) {
    throw unreachable(target, error);
  }
}
