import type { LoginHolder } from '../model/candidate.ts';
import { inPortions } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { loginKey } from './store-context.ts';

type Found = LoginHolder & { login: string };

/** Who holds these logins: entries of the run that want them, linked users, and Genesys users without a link. */
export async function loginHolders(
  engine: Engine,
  runId: string,
  sync: string,
  userNames: string[],
): Promise<Map<string, LoginHolder[]>> {
  const holders = new Map<string, LoginHolder[]>();
  const logins = [...new Set(userNames.map(loginKey))];
  await inPortions(logins, 1, async (portion) => {
    const found = await engine.read(async (db) => [
      ...(await wanting(db, runId, sync, portion)),
      ...(await linked(db, sync, portion)),
      ...(await unlinked(db, runId, sync, portion)),
    ]);
    for (const { login, ...holder } of found) holders.set(login, [...(holders.get(login) ?? []), holder]);
  });
  return holders;
}

async function wanting(db: Reader, runId: string, sync: string, logins: string[]): Promise<Found[]> {
  const rows = await db
    .selectFrom('desired_rows as d')
    .leftJoin('links as l', (join) => join.onRef('l.anchor', '=', 'd.anchor').on('l.sync', '=', sync))
    .select(['d.anchor', 'd.login', 'd.display_name', 'l.genesys_id'])
    .where('d.run_id', '=', runId)
    .where('d.login', 'in', logins)
    .where('d.valid', '=', 1)
    .where('d.active', '=', 1)
    .orderBy('d.anchor')
    .execute();
  return rows.map((row) => ({
    login: row.login,
    via: 'desired',
    anchor: row.anchor,
    genesysId: row.genesys_id,
    displayName: row.display_name,
    active: true,
  }));
}

async function linked(db: Reader, sync: string, logins: string[]): Promise<Found[]> {
  const rows = await db
    .selectFrom('links')
    .select(['anchor', 'genesys_id', 'login', 'display_name', 'active'])
    .where('sync', '=', sync)
    .where('login', 'in', logins)
    .orderBy('anchor')
    .execute();
  return rows.map((row) => ({
    login: row.login,
    via: 'link',
    anchor: row.anchor,
    genesysId: row.genesys_id,
    displayName: row.display_name,
    active: row.active === 1,
  }));
}

async function unlinked(db: Reader, runId: string, sync: string, logins: string[]): Promise<Found[]> {
  const rows = await db
    .selectFrom('inventory_users as i')
    .leftJoin('links as l', (join) => join.onRef('l.genesys_id', '=', 'i.genesys_id').on('l.sync', '=', sync))
    .select(['i.genesys_id', 'i.login', 'i.display_name', 'i.active'])
    .where('i.run_id', '=', runId)
    .where('i.login', 'in', logins)
    .where('l.anchor', 'is', null)
    .orderBy('i.genesys_id')
    .execute();
  return rows.map((row) => ({
    login: row.login,
    via: 'inventory',
    anchor: null,
    genesysId: row.genesys_id,
    displayName: row.display_name,
    active: row.active === 1,
  }));
}
