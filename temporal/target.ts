import { loadClientConnectConfig } from '@temporalio/envconfig';
import { RollcallError } from '../model/errors.ts';

export interface TemporalTarget {
  address: string;
  namespace: string;
  /** What both kinds of connection take. */
  options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

/** Where Temporal is, by the standard `TEMPORAL_*` variables and `temporal.toml`. */
export function temporalTarget(): TemporalTarget {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const address = connectionOptions.address ?? 'localhost:7233';
    return { address, namespace: namespace ?? 'default', options: connectionOptions };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = `Temporal's connection settings cannot be read (${text}); correct TEMPORAL_* or temporal.toml.`;
    throw new RollcallError('temporal.unreachable', message, { cause: error });
  }
}

export function unreachable({ address }: TemporalTarget, cause: unknown): RollcallError {
  const message = `Temporal does not answer at ${address}; start it, or set TEMPORAL_ADDRESS to where it runs.`;
  return new RollcallError('temporal.unreachable', message, { cause });
}
