import type { WorkerStore } from './state.ts';
import type { StoreContext } from './store-context.ts';

/** A worker not seen for so long is gone for good; those seen later may only be slow. */
const FORGET_MS = 24 * 60 * 60 * 1_000;

export function workerStore({ engine, now }: StoreContext): WorkerStore {
  return {
    beat: async (worker) => {
      const at = now();
      const columns = {
        sync: worker.sync,
        host: worker.host,
        pid: worker.pid,
        config_hash: worker.configHash,
        seen_at: at,
      };
      await engine.write(async (trx) => {
        await trx
          .insertInto('workers')
          .values({ id: worker.id, started_at: at, ...columns })
          .onConflict((oc) => oc.column('id').doUpdateSet(columns))
          .execute();
        const forgotten = new Date(Date.parse(at) - FORGET_MS).toISOString();
        await trx.deleteFrom('workers').where('sync', '=', worker.sync).where('seen_at', '<', forgotten).execute();
      });
    },
    leave: async (id) => {
      await engine.write((trx) => trx.deleteFrom('workers').where('id', '=', id).execute());
    },
    list: async (sync) => {
      const rows = await engine.read((db) =>
        db.selectFrom('workers').selectAll().where('sync', '=', sync).orderBy('started_at').orderBy('id').execute(),
      );
      return rows.map((row) => ({
        id: row.id,
        sync: row.sync,
        host: row.host,
        pid: row.pid,
        configHash: row.config_hash,
        startedAt: row.started_at,
        seenAt: row.seen_at,
      }));
    },
  };
}
