import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../model/errors.ts';
import { configFromEnvironment, isConfiguredByEnvironment, missingVariables, variableOf } from './environment.ts';
import { parseYaml } from './yaml-file.ts';

const DEFAULT_FILE = 'rollcall.yaml';

export interface LoadOptions {
  /** `--config`; absent: `ROLLCALL_CONFIG`, else `rollcall.yaml` in `cwd`, else the environment alone. */
  file?: string;
  env: NodeJS.ProcessEnv;
  /** Where relative paths of `file` and `ROLLCALL_CONFIG` start. */
  cwd: string;
}

/** Where a configuration comes from. */
export interface Origin {
  /** Absolute path; null = the environment alone. */
  file: string | null;
  /** How messages name it. */
  label: string;
  /** Where relative paths start and the embedded state lives. */
  folder: string;
  /** As parsed: no variable filled in, nothing checked. */
  raw: unknown;
  /** How messages name a key. */
  nameOf(key: string): string;
}

/**
 * Finds and parses the configuration.
 * @throws ConfigError when there is none, it cannot be read, or is no YAML.
 */
export function findOrigin({ file, env, cwd }: LoadOptions): Origin {
  const fromEnvironment = (env['ROLLCALL_CONFIG'] ?? '').trim();
  if (file !== undefined) return fileOrigin(resolve(cwd, file), 'named by --config');
  if (fromEnvironment !== '') return fileOrigin(resolve(cwd, fromEnvironment), 'named by ROLLCALL_CONFIG');
  const standard = join(cwd, DEFAULT_FILE);
  if (existsSync(standard)) return fileOrigin(standard, 'of the current folder');
  if (isConfiguredByEnvironment(env)) return environmentOrigin(env, cwd);
  throw new ConfigError(
    `There is no ${DEFAULT_FILE} in ${cwd}, and the environment has none of the GENESYS_ and LDAP_ variables that can ` +
      'stand for it: run the command init to write a first one, or name a file with --config.',
  );
}

function fileOrigin(path: string, how: string): Origin {
  const raw = parseYaml(readConfig(path, how), path);
  if (raw === null || raw === undefined) {
    throw new ConfigError(`${path} is empty: run the command init to see a first configuration.`);
  }
  return { file: path, label: path, folder: dirname(path), raw, nameOf: (key) => key };
}

function readConfig(path: string, how: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(
      `The configuration file ${path}, ${how}, cannot be read (${code}): correct the path, or run the command init to write one.`,
      { cause: error },
    );
  }
}

function environmentOrigin(env: NodeJS.ProcessEnv, cwd: string): Origin {
  const missing = missingVariables(env);
  if (missing.length > 0) {
    throw new ConfigError(
      `There is no ${DEFAULT_FILE} in ${cwd}, and of the environment variables that can stand for it ` +
        `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set: set what is missing, or name a file with --config.`,
    );
  }
  return { file: null, label: 'the environment', folder: cwd, raw: configFromEnvironment(env), nameOf: variableOf };
}
