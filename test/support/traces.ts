import { join } from 'node:path';
import type { RequestLogEntry, Simulator } from '../../simulator/start.ts';
import { openState } from '../../state/open.ts';
import type { AuditRow, State } from '../../state/state.ts';
import type { Rollcall } from './rollcall.ts';

/** How many POSTs with each login arrived, carried out or not; those refused for their token do not count. */
export function postsByLogin(simulator: Simulator): Record<string, number> {
  const posts: Record<string, number> = {};
  for (const { on, method, status, body } of simulator.log) {
    if (on !== 'api' || method !== 'POST' || status === 401) continue;
    const { userName } = body as { userName: string };
    posts[userName] = (posts[userName] ?? 0) + 1;
  }
  return posts;
}

/** The requests that wanted to change something. */
export function writesIn(simulator: Simulator): RequestLogEntry[] {
  return simulator.log.filter(({ on, method }) => on === 'api' && method !== 'GET');
}

/** Looks into an installation's state from outside, beside its worker. `url`: where it is on PostgreSQL. */
export async function withState<T>(
  rollcall: Rollcall,
  look: (state: State) => Promise<T>,
  url: string | null = null,
): Promise<T> {
  const folder = join(rollcall.folder, '.rollcall');
  const state = await openState({ folder, url: url === null ? null : { read: () => url } }, { migrate: false });
  try {
    return await look(state);
  } finally {
    await state.close();
  }
}

export async function auditOf(state: State, runId: string): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const page of state.audit.ofRun(runId)) rows.push(...page);
  return rows;
}
