import type { ScimUser } from '../model/user.ts';
import { inPortions, lastOfEach } from './batching.ts';
import { dropRows } from './dropping.ts';
import type { Reader, Writer } from './engine.ts';
import type { InventoryStore } from './state.ts';
import { loginKey, type StoreContext } from './store-context.ts';

export function inventoryStore({ engine }: StoreContext): InventoryStore {
  return {
    begin: async (runId) => {
      await engine.write((trx) => mark(trx, runId, 0));
      await dropRows(engine, 'inventory_users', 'genesys_id', { runId });
    },
    add: (runId, users) =>
      inPortions(
        lastOfEach(users, (user) => user.id),
        7,
        (portion) => engine.write((trx) => insert(trx, runId, portion)),
      ),
    complete: async (runId) => {
      await engine.write((trx) => mark(trx, runId, 1));
      await engine.loaded('inventory_users');
    },
    isComplete: (runId) => engine.read((db) => isInventoryComplete(db, runId)),
    count: (runId) =>
      engine.read(async (db) => {
        const counted = db.selectFrom('inventory_users').select((eb) => eb.fn.countAll<number>().as('count'));
        return (await counted.where('run_id', '=', runId).executeTakeFirstOrThrow()).count;
      }),
  };
}

/** Whether a run listed the Genesys users to the end. */
export async function isInventoryComplete(db: Reader, runId: string): Promise<boolean> {
  const row = await db.selectFrom('inventory_reads').select('complete').where('run_id', '=', runId).executeTakeFirst();
  return row?.complete === 1;
}

async function mark(trx: Writer, runId: string, complete: 0 | 1): Promise<void> {
  await trx
    .insertInto('inventory_reads')
    .values({ run_id: runId, complete })
    .onConflict((oc) => oc.column('run_id').doUpdateSet({ complete }))
    .execute();
}

async function insert(trx: Writer, runId: string, users: ScimUser[]): Promise<void> {
  const rows = users.map((user) => ({
    run_id: runId,
    genesys_id: user.id,
    login: loginKey(user.userName),
    display_name: user.displayName ?? '',
    active: user.active ? 1 : 0,
    version: user.meta?.version ?? null,
    scim_user: JSON.stringify(user),
  }));
  await trx
    .insertInto('inventory_users')
    .values(rows)
    .onConflict((oc) =>
      oc.columns(['run_id', 'genesys_id']).doUpdateSet((eb) => ({
        login: eb.ref('excluded.login'),
        display_name: eb.ref('excluded.display_name'),
        active: eb.ref('excluded.active'),
        version: eb.ref('excluded.version'),
        scim_user: eb.ref('excluded.scim_user'),
      })),
    )
    .execute();
}
