import { anchorOf } from './anchor.ts';
import { rawAttributes } from './attributes.ts';
import type { Connection } from './connection.ts';
import { isHidden } from './failures.ts';
import { parseFilter } from './filter.ts';
import { generalizedTime } from './times.ts';
import type { RootDse, Vendor } from './vendors.ts';

/**
 * `modifyTimestamp` counts seconds: a second write within one second leaves it as it is. Younger ones therefore prove
 * nothing; generous, since the server's clock may differ from ours.
 */
const YOUNG_MS = 3_600_000;

/**
 * Each controller counts `uSNChanged` by itself and anew after a restore, which changes its invocation id (MS-ADTS,
 * 3.1.1.1.9). Where the account may not read that, the controller's own name has to do.
 */
export async function invocationOf(connection: Connection, rootDse: RootDse, signal: AbortSignal): Promise<string> {
  const [service] = rootDse['dsservicename'] ?? [];
  if (service === undefined) return '';
  const filter = parseFilter('(objectClass=*)');
  const search = { base: service, scope: 'base' as const, filter, attributes: ['invocationId'] };
  try {
    const [settings] = (await connection.search(search, signal)).entries;
    const value = settings === undefined ? undefined : rawAttributes(settings).values.get('invocationid')?.[0];
    return (value === undefined ? null : anchorOf(value)) ?? service;
  } catch (error) {
    if (isHidden(error)) return service;
    throw error;
  }
}

/** The best stamp an entry has, and within what it means anything. */
export function stampOf(
  attributes: Record<string, string[]>,
  vendor: Vendor,
  { invocation, now }: { invocation: string; now: Date },
): { stamp: string; stampScope: string } {
  for (const name of vendor.stampAttributes) {
    const stamp = attributes[name.toLowerCase()]?.[0];
    if (stamp === undefined) continue;
    if (name !== 'modifyTimestamp') return { stamp, stampScope: invocation };
    return { stamp, stampScope: isYoung(stamp, now) ? now.toISOString() : '' };
  }
  // Without any stamp nothing tells that the entry stayed as it was.
  return { stamp: '', stampScope: now.toISOString() };
}

function isYoung(stamp: string, now: Date): boolean {
  const time = generalizedTime(stamp);
  return time === null || now.getTime() - time < YOUNG_MS;
}
