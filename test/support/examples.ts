import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { RunReport } from '../../model/run.ts';
import { Rollcall } from './rollcall.ts';
import type { ScimService } from './scim-service.ts';

export type Fields = Record<string, unknown>;

export const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
/** What makes a user inactive. */
export const OFF = [{ op: 'replace', path: 'active', value: false }];

/** An example of the docs as it ships, in a folder of its own; only the name of the sync is another. */
export function installExample(name: string, env: NodeJS.ProcessEnv): Rollcall {
  const folder = join(import.meta.dirname, '../../docs/examples', name);
  const { name: _name, ...configuration } = parse(readFileSync(join(folder, 'rollcall.yaml'), 'utf8')) as Fields;
  const rollcall = new Rollcall(configuration, env);
  writeFileSync(join(rollcall.folder, 'mapping.yaml'), readFileSync(join(folder, 'mapping.yaml')));
  return rollcall;
}

/** A first run, which waits for approval, and the approved one. */
export async function firstRun(rollcall: Rollcall): Promise<{ held: RunReport; approved: RunReport }> {
  const { status, report } = await rollcall.startSync();
  expect({ status, error: report.error }).toEqual({ status: 4, error: null });
  const { stdout } = await rollcall.run('approve', '--plan', report.heldBatch ?? '', '--wait', '--json');
  return { held: report, approved: JSON.parse(stdout) as RunReport };
}

/** The operations of every PATCH since so many writes, by the login of the user. */
export function patchesSince(service: ScimService, from: number): Fields {
  return Object.fromEntries(
    service.writes.slice(from).map(({ method, id, body, status }) => {
      expect({ method, done: status < 300 }).toEqual({ method: 'PATCH', done: true });
      return [String(service.users.get(id ?? '')?.['userName']), body['Operations']];
    }),
  );
}
