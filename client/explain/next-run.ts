import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { whyOutOfScope } from '../../directory/inspect.ts';
import type { ChangeKind, Values } from '../../model/change.ts';
import type { Anchor } from '../../model/entry.ts';
import { RollcallError } from '../../model/errors.ts';
import type { RunChange } from '../../state/look-back.ts';
import type { State } from '../../state/state.ts';
import type { ProvisionResult } from '../../workflows/messages.ts';
import { startProvision } from '../provision.ts';
import { actorOf, type Session } from '../session.ts';
import { livingWorkers } from '../workers.ts';
import type { LiveEntry } from './live-look.ts';

/** What the next run would do about one person, for itself alone: limits count what others would change as well. */
export interface NextRun {
  /** Null: nothing. */
  kind: ChangeKind | null;
  /** Why, as one sentence. */
  reason: string;
  before: Values | null;
  after: Values | null;
  /** Why the change would fail already before it is sent; null when it would not. */
  parked: { code: string; message: string } | null;
  /** Why it would wait for a decision, one sentence each; null when it would not. */
  held: string[] | null;
}

/** `nextRun` is null where no run could be asked; `unasked` then says why. */
export interface LookAhead {
  nextRun: NextRun | null;
  unasked: string | null;
}

/** A worker that lives answers within a second or two. */
const PATIENCE_MS = 30_000;

/** Lets a worker plan for the person, as the next run would, and forget it again. */
export async function lookAhead(
  session: Session,
  person: { anchor: Anchor; linked: boolean; entries: readonly LiveEntry[] },
): Promise<LookAhead> {
  const [outside] = person.entries;
  const isOutside = outside !== undefined && person.entries.every(({ inScope }) => !inScope);
  if (!person.linked && isOutside) {
    return { nextRun: nothing(`the person is out of scope: ${whyOutOfScope(outside)}`), unasked: null };
  }
  if ((await livingWorkers(session)).length === 0) return unasked('no worker is running that could be asked');
  try {
    return await preview(session, person.anchor);
  } catch (error) {
    if (error instanceof WorkflowFailedError) return unasked(innermost(error));
    if (error instanceof RollcallError) return unasked(error.message);
    throw error;
  }
}

async function preview(session: Session, anchor: Anchor): Promise<LookAhead> {
  const [sync, runId, client, state] = [
    session.settings.name,
    randomUUID(),
    await session.temporal(),
    await session.state(),
  ];
  const input = { runId, sync, mode: 'preview' as const, dryRun: true, actor: actorOf({}), anchor };
  const handle = await startProvision(client, input);
  try {
    const result = await Promise.race([handle.result(), sleep(PATIENCE_MS, null, { ref: false })]);
    if (result !== null) return { nextRun: await planned(state, { runId, anchor }, result), unasked: null };
    await handle.terminate('nobody waits any more');
    return unasked('the worker did not answer in time');
  } finally {
    await state.runs.forgetPreviews(sync, { runId });
  }
}

async function planned(
  state: State,
  { runId, anchor }: { runId: string; anchor: Anchor },
  { holds }: ProvisionResult,
): Promise<NextRun> {
  for await (const page of state.lookBack.changesOf(runId)) {
    // Before his own there may be the change that takes somebody else's user out of use for him.
    const change = page.find((one) => one.anchor === anchor);
    if (change !== undefined) return asPlanned(change, holds);
  }
  // Others may have been read for his sake.
  const notes = (await state.runs.notes(runId, 20)).filter((note) => note.anchor === anchor);
  const found = notes.map(({ attribute, problem }) => `${attribute}: ${problem}`);
  return nothing(found.length === 0 ? 'everything is as it shall be' : found.join('; '));
}

/** @param holds the limits that are passed */
export function asPlanned(change: RunChange, holds: readonly string[]): NextRun {
  const { kind, status, reason, before, after, code, message, heldBecause } = change;
  const because = [...(heldBecause === null ? [] : [heldBecause]), ...holds];
  return {
    ...{ kind, reason, before, after },
    parked: status === 'parked' ? { code: code ?? 'internal', message: message ?? '' } : null,
    held: status !== 'held' ? null : because.length > 0 ? because : ['an open batch holds the person already'],
  };
}

function nothing(reason: string): NextRun {
  return { kind: null, reason, before: null, after: null, parked: null, held: null };
}

function unasked(why: string): LookAhead {
  return { nextRun: null, unasked: why };
}

function innermost(error: Error): string {
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
