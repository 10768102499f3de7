import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../model/settings.ts';

export type Json = Record<string, unknown>;

/** What passes for a certificate as long as nobody connects with it. */
export const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
export const ENV = {
  LDAP_BIND_PW: 'bind-secret',
  GENESYS_CLIENT_ID: 'client-id',
  GENESYS_CLIENT_SECRET: 'client-secret',
};
export const DIRECTORY = {
  name: 'corp-ad',
  urls: ['ldaps://dc1.corp.example'],
  bindDn: 'svc@corp.example',
  bindPassword: '${LDAP_BIND_PW}',
  bases: ['OU=Agents,DC=corp,DC=example'],
};
export const TARGET = {
  region: 'mypurecloud.ie',
  clientId: '${GENESYS_CLIENT_ID}',
  clientSecret: '${GENESYS_CLIENT_SECRET}',
};

/** A configuration that works with {@link ENV}, with changes; `directory` and `target` change those parts. */
export function config(changes: Json = {}, directory: Json = {}, target: Json = {}): Json {
  return { directories: [{ ...DIRECTORY, ...directory }], target: { ...TARGET, ...target }, ...changes };
}

/** A folder of its own for configurations that are written and loaded. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
  #files = 0;

  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Writes a configuration under a new name and loads it. */
  load(content: Json | string, env: NodeJS.ProcessEnv = ENV): Settings {
    this.#files += 1;
    const text = typeof content === 'string' ? content : stringify(content);
    return loadSettings({ file: this.write(`config-${this.#files}.yaml`, text), env, cwd: this.path });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
