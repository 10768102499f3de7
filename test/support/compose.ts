import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../model/settings.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface Service {
  image?: string;
  build?: string;
  command?: string[];
  entrypoint?: string[];
  container_name?: string;
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: { test: string[] };
  restart?: string;
  stop_grace_period?: string;
}

export const COMPOSE = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
export const SERVICES = Object.entries(COMPOSE.services);

export const service = (name: string): Service => COMPOSE.services[name] ?? {};
/** Runs to its end: the others wait for that. */
export const isOneShot = (name: string): boolean =>
  SERVICES.some(([, { depends_on: on }]) => on?.[name]?.condition === 'service_completed_successfully');
/** A text with every `${NAME:-default}` at its default. */
export const atDefault = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

/** docker/rollcall.yaml as the worker's container loads it. */
export function composeSettings(): Settings {
  const environment = Object.entries(service('worker').environment ?? {});
  const env = Object.fromEntries(environment.map(([name, value]) => [name, atDefault(value)]));
  return loadSettings({ file: join(ROOT, 'docker/rollcall.yaml'), env, cwd: ROOT });
}
