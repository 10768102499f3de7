import { sql, type Selectable } from 'kysely';
import type { ChangeKind, ChangeStep, Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { keysetPages, portions } from './batching.ts';
import type { Writer } from './engine.ts';
import type { AuditTable } from './schema.ts';
import type { AppliedResult, AuditRow, AuditStore, SentRequest } from './state.ts';
import { fromJson, jsonOrNull, type StoreContext } from './store-context.ts';

export function auditStore({ engine }: StoreContext): AuditStore {
  return {
    ofRun: async function* (runId, size = 500) {
      const fetch = ([anchor, kind, part, step]: readonly [string, string, number, string]) =>
        engine.read((db) =>
          db
            .selectFrom('audit')
            .selectAll()
            .where('run_id', '=', runId)
            .where(sql<boolean>`(anchor, kind, part, step) > (${anchor}, ${kind}, cast(${part} as integer), ${step})`)
            .orderBy('anchor')
            .orderBy('kind')
            .orderBy('part')
            .orderBy('step')
            .limit(size)
            .execute(),
        );
      const key = (row: Selectable<AuditTable>) => [row.anchor, row.kind, row.part, row.step] as const;
      const pages = keysetPages(['', '', -1, ''] as const, size, fetch, key);
      for await (const page of pages) yield page.map(toAuditRow);
    },
    ofAnchor: async (sync, anchor) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('audit')
          .selectAll()
          .where('sync', '=', sync)
          .where('anchor', '=', anchor)
          .orderBy('at')
          .orderBy('run_id')
          .orderBy('kind')
          .orderBy('part')
          .orderBy('step')
          .execute(),
      );
      return rows.map(toAuditRow);
    },
    appliedSince: async (sync, kinds, since) => {
      if (kinds.length === 0) return 0;
      const row = await engine.read((db) =>
        db
          .selectFrom('audit as a')
          .innerJoin('runs as r', 'r.run_id', 'a.run_id')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('a.sync', '=', sync)
          .where('a.kind', 'in', kinds)
          .where('a.at', '>=', since)
          .where('r.batch', 'is', null)
          // Of a recycle its first step counts: somebody was retired by it, whatever became of the newcomer.
          .where(sql<boolean>`a.step = case when a.kind = 'recycle' then 'retire' else '' end`)
          .executeTakeFirstOrThrow(),
      );
      return row.count;
    },
    revived: async (sync, anchors) => {
      const revived = new Set<string>();
      for (const portion of portions(anchors)) {
        const rows = await engine.read((db) =>
          db
            .selectFrom('audit')
            .select('genesys_id')
            .where('sync', '=', sync)
            .where('anchor', 'in', portion)
            .where('step', '=', 'revived')
            .execute(),
        );
        for (const row of rows) revived.add(row.genesys_id);
      }
      return revived;
    },
  };
}

export interface AuditWrite {
  sync: string;
  runId: string;
  anchor: Anchor;
  kind: ChangeKind;
  part: number;
  step: ChangeStep;
  result: AppliedResult;
  now: string;
}

/** Adds the row of one applied change, or of one step of it. */
export async function insertAudit(trx: Writer, write: AuditWrite): Promise<void> {
  const { sync, runId, anchor, kind, part, step, result, now } = write;
  const row = {
    sync,
    run_id: runId,
    anchor,
    kind,
    part,
    step,
    genesys_id: result.link.genesysId,
    user_name: result.link.userName,
    before_values: jsonOrNull(result.before),
    after_values: jsonOrNull(result.after),
    reason: result.reason,
    actor: result.actor,
    correlation_id: result.correlationId,
    request: jsonOrNull(result.request),
    at: now,
  };
  await trx.insertInto('audit').values(row).execute();
}

export function toAuditRow(row: Selectable<AuditTable>): AuditRow {
  return {
    sync: row.sync,
    runId: row.run_id,
    anchor: row.anchor,
    genesysId: row.genesys_id,
    userName: row.user_name,
    kind: row.kind,
    part: row.part,
    step: row.step,
    before: fromJson<Values>(row.before_values),
    after: fromJson<Values>(row.after_values),
    reason: row.reason,
    actor: row.actor,
    correlationId: row.correlation_id,
    request: fromJson<SentRequest>(row.request),
    at: row.at,
  };
}
