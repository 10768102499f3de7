import { existsSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError } from '../model/errors.ts';

export interface TemporalTarget {
  address: string;
  namespace: string;
  /** What both kinds of connection take. */
  options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

const BOOLEANS = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];
/** What the SDK takes: a host name or address, IPv6 in brackets, with or without a port. */
const ADDRESS = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/**
 * Where Temporal is, by the standard `TEMPORAL_*` variables and `temporal.toml`; a variable without a value counts as
 * not set. Contacts nothing.
 *
 * @throws ConfigError for what the SDK refuses, and for slips that it would take for something else without a word
 */
export function temporalTarget(env: NodeJS.ProcessEnv = process.env): TemporalTarget {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => !isBlank(name, value)));
  checkVariables(given);
  const { connectionOptions, namespace } = readConnection(given);
  const address = connectionOptions.address ?? 'localhost:7233';
  if (!ADDRESS.test(address)) {
    throw new ConfigError(
      `Temporal's address ${JSON.stringify(address)} has not the form host:port, such as localhost:7233; correct TEMPORAL_ADDRESS or temporal.toml.`,
    );
  }
  return { address, namespace: namespace ?? 'default', options: { ...connectionOptions, address } };
}

/** An empty header of gRPC takes one away that the file names. */
function isBlank(name: string, value: string | undefined): boolean {
  return name.startsWith('TEMPORAL_') && !name.startsWith('TEMPORAL_GRPC_META_') && value?.trim() === '';
}

function checkVariables(env: NodeJS.ProcessEnv): void {
  for (const name of BOOLEANS) {
    const value = env[name];
    if (value !== undefined && !['true', 'false', '1', '0'].includes(value)) {
      throw new ConfigError(`The environment variable ${name} must be true or false; correct it.`);
    }
  }
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file)) {
    throw new ConfigError(`TEMPORAL_CONFIG_FILE names ${file}, which does not exist; correct the path or unset it.`);
  }
}

function readConnection(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    const message = `Temporal's connection settings cannot be used (${reasonOf(error)}); correct the TEMPORAL_* variables or temporal.toml, which needs a section [profile.default].`;
    throw new ConfigError(message, { cause: error });
  }
}

/** The first line alone: what a TOML parser adds below it quotes the file, which may hold an API key. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const [line = ''] = error.message.split('\n');
  const place = 'line' in error && typeof error.line === 'number' ? ` at line ${error.line} of temporal.toml` : '';
  return `${line}${place}`;
}
