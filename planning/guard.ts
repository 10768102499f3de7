import type { ChangeKind } from '../model/change.ts';
import type { Limit, SafetySettings } from '../model/settings.ts';

export interface GuardInput {
  /** How many changes would go ahead, by kind: parked ones, those held by policy and adoptions that write nothing left out. */
  planned: Readonly<Record<ChangeKind, number>>;
  activeLinks: number;
  /** Whether any link exists, active or not. */
  anyLink: boolean;
  /** What was applied without approval within each limit's window. */
  appliedInWindow: { deactivations: number; recycles: number };
  safety: SafetySettings;
}

export interface GuardVerdict {
  /** Kinds of which every change waits for a person; `all` = the whole plan. Empty: everything goes ahead. */
  hold: ChangeKind[] | 'all';
  /** One sentence for each limit that is passed. */
  reasons: string[];
}

/** What one limit counts together and holds together. */
interface Group {
  name: 'deactivations' | 'recycles' | 'creates' | 'updates';
  kinds: ChangeKind[];
  limit: Limit;
  applied: number;
  windowMs: number | null;
}

/**
 * Says which part of a plan needs a person's approval. Over a limit all changes of its kinds wait, not only the surplus.
 * The very first plan is another matter: it waits as a whole, or goes ahead unlimited.
 */
export function guard(input: GuardInput): GuardVerdict {
  const total = Object.values(input.planned).reduce((sum, count) => sum + count, 0);
  if (total === 0) return { hold: [], reasons: [] };
  if (!input.anyLink) return firstRun(input.safety, total);
  const exceeded = groups(input).map((group) => ({ group, reasons: reasonsOf(group, input) }));
  const held = exceeded.filter(({ reasons }) => reasons.length > 0);
  return { hold: held.flatMap(({ group }) => group.kinds), reasons: held.flatMap(({ reasons }) => reasons) };
}

function firstRun(safety: SafetySettings, total: number): GuardVerdict {
  if (safety.firstRun === 'apply') return { hold: [], reasons: [] };
  const changes = total === 1 ? '1 change waits' : `${total} changes wait`;
  return { hold: 'all', reasons: [`${changes} because no user is linked yet (safety.firstRun is hold)`] };
}

function groups({ safety, appliedInWindow }: GuardInput): Group[] {
  const { deactivations, recycles, creates, updates } = safety;
  return [
    group('deactivations', ['deactivate'], deactivations, appliedInWindow.deactivations, deactivations.windowMs),
    group(
      'recycles',
      ['recycle', 'rebind'],
      { ...recycles, percent: null, floor: 0 },
      appliedInWindow.recycles,
      recycles.windowMs,
    ),
    group('creates', ['create', 'reactivate'], creates, 0, null),
    group('updates', ['update', 'adopt'], updates, 0, null),
  ];
}

function group(
  name: Group['name'],
  kinds: ChangeKind[],
  limit: Limit,
  applied: number,
  windowMs: number | null,
): Group {
  return { name, kinds, limit, applied, windowMs };
}

function reasonsOf({ name, kinds, limit, applied, windowMs }: Group, input: GuardInput): string[] {
  const planned = kinds.reduce((sum, kind) => sum + input.planned[kind], 0);
  const count = planned + applied;
  if (planned === 0 || count <= limit.floor) return [];
  const share =
    applied === 0 || windowMs === null
      ? ''
      : ` (${planned} planned, ${applied} applied in the last ${duration(windowMs)})`;
  const subject =
    count === 1 ? `1 ${name.slice(0, -1)}${share} is more than` : `${count} ${name}${share} are more than`;
  const { max, percent } = limit;
  const reasons: string[] = [];
  if (count > max) reasons.push(`${subject} safety.${name}.max (${max})`);
  if (percent !== null && isOverPercent(count, percent, input.activeLinks)) {
    const links = input.activeLinks === 1 ? 'link' : 'links';
    reasons.push(`${subject} safety.${name}.percent (${percent} % of ${input.activeLinks} active ${links})`);
  }
  return reasons;
}

/** Exact at the limit itself: binary fractions must not make 333 of 1000 more than 33.3 %. */
function isOverPercent(count: number, percent: number, whole: number): boolean {
  return count * 100 - percent * whole > 1e-6;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes >= 60 && minutes % 60 === 0) return `${minutes / 60} h`;
  return minutes >= 1 ? `${Math.round(minutes)} min` : `${Math.round(ms / 1000)} s`;
}
