import type { Selectable } from 'kysely';
import type { PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { portions } from './batching.ts';
import { claiming } from './claims.ts';
import { handOvers } from './hand-overs.ts';
import * as order from './plan-order.ts';
import * as plan from './plan.ts';
import { unfinishedOf } from './runs.ts';
import { kindCounts } from './run-report.ts';
import type { ChangesTable } from './schema.ts';
import type { ChangeRow, ChangeStore, SentRequest } from './state.ts';
import { fromJson, type StoreContext } from './store-context.ts';

export function changeStore(context: StoreContext): ChangeStore {
  const { engine } = context;
  return {
    ...claiming(context),
    begin: (runId) => engine.write((trx) => plan.beginPlan(trx, runId, context.now())),
    add: (runId, sync, changes) => plan.addChanges(context, runId, sync, changes, 'planned'),
    addHeld: (runId, sync, changes) => plan.addChanges(context, runId, sync, changes, 'held'),
    light: async function* (runId) {
      for await (const page of order.lightPages(context, runId)) {
        yield page.map(({ anchor, kind, refs, genesys_id: genesysId, awaits, frees }) => {
          return { anchor, kind, references: fromJson<Anchor[]>(refs), genesysId, awaits, frees: frees === 1 };
        });
      }
    },
    setWaves: (runId, waves) => order.setWaves(context, runId, waves),
    replace: (runId, sync, changes) => plan.replaceChanges(context, runId, sync, changes),
    number: async (runId) => {
      await engine.write((trx) => order.numberChanges(trx, runId));
      await engine.loaded('changes');
    },
    isNumbered: async (runId) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('changes')
          .select('seq')
          .where('run_id', '=', runId)
          .where('seq', 'is not', null)
          .limit(1)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },
    slices: (runId, after, limit, size) => engine.read((db) => order.nextSlices(db, runId, after, limit, size)),
    get: async (runId, seq) => {
      const row = await engine.read((db) =>
        db.selectFrom('changes').selectAll().where('run_id', '=', runId).where('seq', '=', seq).executeTakeFirst(),
      );
      return row === undefined ? null : toChangeRow(row, seq);
    },
    labels: async (runId, from, to) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('changes')
          .select('user_name')
          .where('run_id', '=', runId)
          .where('seq', '>=', from)
          .where('seq', '<=', to)
          .orderBy('seq')
          .execute(),
      );
      return rows.map((row) => row.user_name);
    },
    anchors: async (runId, from, to) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('changes')
          .select('anchor')
          .where('run_id', '=', runId)
          .where('seq', '>=', from)
          .where('seq', '<=', to)
          .orderBy('seq')
          .execute(),
      );
      return rows.map((row) => row.anchor);
    },
    counts: (runId) => engine.read((db) => kindCounts(db, runId)),
    hold: (runId, kinds, batch) => engine.write((trx) => plan.holdPlanned(trx, runId, kinds, batch)),
    heldIn: (runId, batch) => engine.read((db) => plan.heldIn(db, runId, batch)),
    plannedCounts: (runId) => engine.read((db) => plan.plannedCounts(db, runId)),
    find: async (runId, anchor, kind) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('changes')
          .select('change')
          .where('run_id', '=', runId)
          .where('anchor', '=', anchor)
          .where('kind', '=', kind)
          .where('status', '=', 'planned')
          .executeTakeFirst(),
      );
      return row === undefined ? null : fromJson<PlannedChange>(row.change);
    },
    rebound: async (runId, anchors) => {
      const rebound = new Map<Anchor, string>();
      for (const portion of portions(anchors)) {
        const rows = await engine.read((db) =>
          db
            .selectFrom('changes')
            .select(['anchor', 'genesys_id'])
            .where('run_id', '=', runId)
            .where('anchor', 'in', portion)
            .where('kind', '=', 'rebind')
            .where('status', 'in', ['planned', 'writing', 'applied'])
            .execute(),
        );
        for (const row of rows) if (row.genesys_id !== null) rebound.set(row.anchor, row.genesys_id);
      }
      return rebound;
    },
    ...handOvers(context),
    unfinished: (sync, anchors) => engine.read((db) => unfinishedOf(db, sync, anchors)),
    supersedeOne: (ref, reason, token = null) => engine.write((trx) => plan.supersedeOne(trx, ref, reason, token)),
    supersede: (runId, reason) => engine.write((trx) => plan.supersedePlanned(trx, runId, reason)),
    keepOnly: (runId, batch) => engine.write((trx) => plan.keepOnlyMembers(trx, runId, batch)),
  };
}

function toChangeRow(row: Selectable<ChangesTable>, seq: number): ChangeRow {
  const { claim_token: token, claim_request: request, claim_at: at, code, message } = row;
  const claimed = row.status === 'writing' && token !== null && request !== null && at !== null;
  return {
    runId: row.run_id,
    seq,
    sync: row.sync,
    change: fromJson<PlannedChange>(row.change),
    wave: row.wave,
    status: row.status,
    step: row.step,
    claim: claimed ? { token, request: fromJson<SentRequest>(request), at } : null,
    outcome: code === null || message === null ? null : { code, message, correlationId: row.correlation_id },
    correlationId: row.correlation_id,
  };
}
