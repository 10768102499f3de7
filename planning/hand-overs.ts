import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';

/** A change reduced to what it does with logins. */
export interface HandOver {
  anchor: Anchor;
  kind: ChangeKind;
  genesysId: string | null;
  /** Genesys id of the user whose login it takes over; null when its login is free. */
  awaits: string | null;
  /** True when its user gives his login away. */
  frees: boolean;
}

/**
 * Whose wanted login will not become free in this plan, because the change that frees it is not among the planned ones;
 * in order of anchor. Whoever takes the login of one of them cannot have it either.
 */
export function unmet(rows: readonly HandOver[]): Anchor[] {
  const given = new Set(rows.flatMap(({ frees, genesysId }) => (frees ? (genesysId ?? []) : [])));
  const lost = rows.filter(({ awaits }) => awaits !== null && !given.has(awaits));
  return anchorsOf(withTakers(rows, lost));
}

/**
 * Whoever has to wait with others: takers of a login whose giver is held, whoever is retired for nobody but them, and
 * everything that is planned for a person of whom one change is held. In order of anchor.
 */
export function heldWith(rows: readonly HandOver[], held: readonly HandOver[]): Anchor[] {
  const reached = withTakers(rows, held);
  const awaited = new Set(reached.flatMap(({ awaits }) => awaits ?? []));
  const retired = rows.filter(({ kind, genesysId }) => kind === 'recycle' && awaited.has(genesysId ?? ''));
  const waiting = new Set([...reached, ...retired].map(({ anchor }) => anchor));
  const already = new Set(held);
  return anchorsOf(rows.filter((row) => waiting.has(row.anchor) && !already.has(row)));
}

/** These, and whoever takes their logins, and whoever takes the logins of those. */
function withTakers(rows: readonly HandOver[], first: readonly HandOver[]): HandOver[] {
  const takers = new Map<string, HandOver[]>();
  for (const row of rows) if (row.awaits !== null) takers.set(row.awaits, [...(takers.get(row.awaits) ?? []), row]);
  const reached = new Set(first);
  for (const { genesysId } of reached) {
    for (const taker of genesysId === null ? [] : (takers.get(genesysId) ?? [])) reached.add(taker);
  }
  return [...reached];
}

function anchorsOf(rows: readonly HandOver[]): Anchor[] {
  return [...new Set(rows.map(({ anchor }) => anchor))].sort();
}
