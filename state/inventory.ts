import { externalIdsOf } from '../model/external-ids.ts';
import type { ScimUser } from '../model/user.ts';
import { inPortions, lastOfEach, portions } from './batching.ts';
import { dropRows } from './dropping.ts';
import type { Engine, Reader, Writer } from './engine.ts';
import type { InventoryStore } from './state.ts';
import { fromJson, loginKey, type StoreContext } from './store-context.ts';

export function inventoryStore({ engine }: StoreContext): InventoryStore {
  return {
    begin: async (runId) => {
      await engine.write((trx) => mark(trx, runId, 0));
      await dropRows(engine, 'inventory_users', 'genesys_id', { runId });
      await dropRows(engine, 'inventory_keys', 'genesys_id', { runId });
    },
    add: (runId, users) =>
      inPortions(
        lastOfEach(users, (user) => user.id),
        7,
        async (portion) => {
          await engine.write((trx) => insert(trx, runId, portion));
          await inPortions(keysOf(portion), 3, (keys) => engine.write((trx) => insertKeys(trx, runId, keys)));
        },
      ),
    complete: async (runId) => {
      await engine.write((trx) => mark(trx, runId, 1));
      await engine.loaded('inventory_users', 'inventory_keys');
    },
    isComplete: (runId) => engine.read((db) => isInventoryComplete(db, runId)),
    byKey: (runId, keys) => byKey(engine, runId, keys),
    get: async (runId, genesysId) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('inventory_users')
          .select('scim_user')
          .where('run_id', '=', runId)
          .where('genesys_id', '=', genesysId)
          .executeTakeFirst(),
      );
      return fromJson<ScimUser>(row?.scim_user ?? null);
    },
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

interface Key {
  key: string;
  genesysId: string;
}

function keysOf(users: ScimUser[]): Key[] {
  return users.flatMap((user) => externalIdsOf(user).map((key) => ({ key, genesysId: user.id })));
}

async function insertKeys(trx: Writer, runId: string, keys: Key[]): Promise<void> {
  await trx
    .insertInto('inventory_keys')
    .values(keys.map(({ key, genesysId }) => ({ run_id: runId, key, genesys_id: genesysId })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

async function byKey(engine: Engine, runId: string, keys: string[]): Promise<Map<string, ScimUser[]>> {
  const found = new Map<string, ScimUser[]>();
  for (const portion of portions([...new Set(keys)])) {
    const rows = await engine.read((db) =>
      db
        .selectFrom('inventory_keys as k')
        .innerJoin('inventory_users as i', (join) =>
          join.onRef('i.run_id', '=', 'k.run_id').onRef('i.genesys_id', '=', 'k.genesys_id'),
        )
        .select(['k.key', 'i.scim_user'])
        .where('k.run_id', '=', runId)
        .where('k.key', 'in', portion)
        .orderBy('i.genesys_id')
        .execute(),
    );
    for (const { key, scim_user: user } of rows) {
      found.set(key, [...(found.get(key) ?? []), fromJson<ScimUser>(user)]);
    }
  }
  return found;
}
