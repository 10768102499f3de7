import { sql } from 'kysely';
import type { Writer } from './engine.ts';
import { hashClientId } from './hash.ts';
import type { PaceStore } from './state.ts';
import type { StoreContext } from './store-context.ts';

const US_PER_MINUTE = 60_000_000;
/** No rate of one a minute or more puts the next arrival further ahead; beyond it, a clock was wrong and is not waited for. */
const FARTHEST_US = 2 * US_PER_MINUTE;

export function paceStore({ engine }: StoreContext): PaceStore {
  return {
    take: (clientId, perMinute, nowMs, { patienceMs = 0, ahead = false } = {}) => {
      const asked = { perMinute, nowMs: Math.floor(nowMs), patienceMs: Math.floor(patienceMs), ahead };
      return engine.write((trx) => take(trx, hashClientId(clientId), asked));
    },
    blockedFor: async (clientId, nowMs) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('pace')
          .select('blocked_until_ms')
          .where('client_hash', '=', hashClientId(clientId))
          .executeTakeFirst(),
      );
      return Math.max(0, (row?.blocked_until_ms ?? 0) - Math.floor(nowMs));
    },
    blockUntil: async (clientId, untilMs) => {
      const until = Math.ceil(untilMs);
      await engine.write((trx) =>
        trx
          .insertInto('pace')
          .values({ client_hash: hashClientId(clientId), tat_us: 0, blocked_until_ms: until })
          .onConflict((oc) =>
            oc.column('client_hash').doUpdateSet({
              blocked_until_ms: sql<number>`case when pace.blocked_until_ms > excluded.blocked_until_ms
                then pace.blocked_until_ms else excluded.blocked_until_ms end`,
            }),
          )
          .execute(),
      );
    },
  };
}

interface Asked {
  perMinute: number;
  nowMs: number;
  patienceMs: number;
  ahead: boolean;
}

/**
 * GCRA (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): `tat` is the theoretical arrival time of the next
 * request; one that comes earlier than `tat` less the tolerance waits. Taking is one conditional update, so that two
 * workers never take the same place. Whoever goes ahead takes the last place and uses it at once: what goes in all stays
 * the same, but for as many requests as places can be taken ahead of time.
 */
async function take(
  trx: Writer,
  clientHash: string,
  { perMinute, nowMs, patienceMs, ahead: goesAhead }: Asked,
): Promise<{ waitMs: number; taken: boolean }> {
  const interval = Math.ceil(US_PER_MINUTE / perMinute);
  const tolerance = interval * (Math.max(1, Math.floor(perMinute / 60)) - 1);
  const now = nowMs * 1_000;
  const fresh = { client_hash: clientHash, tat_us: 0, blocked_until_ms: 0 };
  await trx
    .insertInto('pace')
    .values(fresh)
    .onConflict((oc) => oc.doNothing())
    .execute();
  const tat = sql`(case when tat_us > cast(${now + FARTHEST_US} as bigint) then 0 else tat_us end)`;
  const taken = await sql`
    update pace set tat_us = cast(${interval} as bigint) +
      case when ${tat} > cast(${now} as bigint) then ${tat} else cast(${now} as bigint) end
    where client_hash = ${clientHash} and blocked_until_ms <= cast(${nowMs} as bigint)
      and ${tat} - cast(${tolerance} as bigint) <= cast(${now + patienceMs * 1_000} as bigint)`.execute(trx);
  const row = await trx.selectFrom('pace').selectAll().where('client_hash', '=', clientHash).executeTakeFirstOrThrow();
  const untilFree = (ahead: number): number => Math.ceil((ahead - tolerance) / 1_000);
  if (Number(taken.numAffectedRows ?? 0) > 0) {
    return { waitMs: goesAhead ? 0 : Math.max(0, untilFree(row.tat_us - interval - now)), taken: true };
  }
  const ahead = row.tat_us - now;
  const asked = ahead > FARTHEST_US ? 0 : untilFree(ahead) - patienceMs;
  return { waitMs: Math.max(1, asked, row.blocked_until_ms - nowMs), taken: false };
}
