import type { PlannedChange } from '../../model/change.ts';
import type { DesiredUser, Link } from '../../model/user.ts';
import type { AppliedResult, ChangeRef, SentRequest, State } from '../../state/state.ts';
import { changeOf, desiredUser, linkOf } from './people.ts';
import { anchorOf, runStart } from './state.ts';

export const REQUEST: SentRequest = { method: 'POST', genesysId: null, body: { userName: 'ann.lee@example.com' } };
export const NO_REQUESTS = { token: 0, read: 0, write: 0, throttled: 0 };

/** The nth person as a change, a desired user and a link, all of them agreeing. */
export function nthChange(n: number, more: Partial<PlannedChange> = {}): PlannedChange {
  return changeOf({ anchor: anchorOf(n), userName: `p${n}@example.com`, desired: nthDesired(n), ...more });
}

export function nthDesired(n: number, more: Partial<DesiredUser> = {}): DesiredUser {
  return desiredUser([], { anchor: anchorOf(n), userName: `p${n}@example.com`, displayName: `Person ${n}`, ...more });
}

export function nthLink(n: number, more: Partial<Link> = {}): Link {
  const names = { userName: `p${n}@example.com`, displayName: `Person ${n}` };
  return linkOf({ anchor: anchorOf(n), genesysId: `g${n}`, ...names, ...more });
}

export function appliedResult(link: Link, more: Partial<AppliedResult> = {}): AppliedResult {
  return {
    link,
    origin: 'created',
    before: null,
    after: { displayName: link.displayName },
    reason: 'new in corp-ad',
    actor: 'alice',
    request: REQUEST,
    correlationId: 'c-1',
    requests: { token: 0, read: 0, write: 1, throttled: 0 },
    ...more,
  };
}

/** Plans these changes in a run (which is opened) and numbers them. */
export async function plan(state: State, runId: string, changes: PlannedChange[], sync = 'corp'): Promise<void> {
  await state.runs.open(runStart(runId, { sync }));
  await state.changes.begin(runId);
  await state.changes.add(runId, sync, changes);
  await state.changes.number(runId);
}

/** Claims a change and applies it. */
export async function write(state: State, ref: ChangeRef, result: AppliedResult): Promise<void> {
  const token = `token-${ref.runId}-${ref.seq}`;
  const claimed = await state.changes.claim(ref, { token, request: REQUEST });
  if (claimed !== 'claimed') throw new Error(`claim: ${claimed}`);
  if (!(await state.changes.applied(ref, token, result))) throw new Error('the token no longer holds the change');
}

/** Links these people, by a run of their own. */
export async function storeLinks(state: State, links: Link[], sync = 'corp'): Promise<void> {
  const runId = `links-${links.map((link) => link.genesysId).join('-')}`;
  await plan(
    state,
    runId,
    links.map((link) => changeOf({ anchor: link.anchor })),
    sync,
  );
  for (const link of links) {
    const seq = [...links].sort((a, b) => (a.anchor < b.anchor ? -1 : 1)).indexOf(link) + 1;
    await write(state, { runId, seq }, appliedResult(link));
  }
  await state.runs.close(runId, { outcome: 'completed', error: null, heldBatch: null });
}
