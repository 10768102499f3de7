import { sql } from 'kysely';
import type { HolderEntry, LoginHolder } from '../model/candidate.ts';
import type { ScimUser } from '../model/user.ts';
import { inPortions } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { toLink } from './links.ts';
import { fromJson, loginKey } from './store-context.ts';

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
      ...(await waiting(db, runId, sync, new Set(portion))),
      ...(await linked(db, runId, sync, portion)),
      ...(await unlinked(db, runId, sync, portion)),
    ]);
    for (const { login, ...holder } of found) holders.set(login, [...(holders.get(login) ?? []), holder]);
  });
  return holders;
}

/** The same of linked users who have something else that somebody wants: how their entries stand in this run. */
export async function holdersById(
  engine: Engine,
  runId: string,
  sync: string,
  genesysIds: string[],
): Promise<LoginHolder[]> {
  const holders: LoginHolder[] = [];
  await inPortions(genesysIds, 1, async (portion) => {
    const rows = await engine.read((db) => linkedQuery(db, runId, sync).where('l.genesys_id', 'in', portion).execute());
    holders.push(...rows.map((row) => holderOf(row, 'external id')));
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
  return rows.map((row) => wish(row.login, row.anchor, row.display_name, row.genesys_id));
}

/**
 * People whom this run has not read in full and who wait for one of these logins, since they share it with somebody: they
 * want it no less than those whom the run is about. A full run reads everybody; a delta knows who is still there.
 */
async function waiting(db: Reader, runId: string, sync: string, logins: ReadonlySet<string>): Promise<Found[]> {
  const rows = await db
    .selectFrom('parked as p')
    .innerJoin('runs as r', (join) => join.on('r.run_id', '=', runId))
    .select(['p.anchor', 'p.user_name', 'p.display_name'])
    .where('p.sync', '=', sync)
    .where('p.kind', '=', 'create')
    .where('p.code', '=', 'identity.login-taken')
    .where('r.mode', '<>', 'full')
    .where(
      sql<boolean>`not exists (select 1 from desired_rows as d where d.run_id = ${runId} and d.anchor = p.anchor)
        and (r.mode <> 'delta'
          or exists (select 1 from staging_entries as e where e.run_id = ${runId} and e.anchor = p.anchor))`,
    )
    .orderBy('p.anchor')
    .execute();
  const found = rows.map(({ anchor, user_name, display_name }) => wish(loginKey(user_name), anchor, display_name));
  return found.filter(({ login }) => logins.has(login));
}

/** Somebody who wants a login. `genesysId`: the user that he has already. */
function wish(login: string, anchor: string, displayName: string, genesysId: string | null = null): Found {
  return {
    login,
    via: 'desired',
    anchor,
    genesysId,
    displayName,
    active: true,
    entry: 'stays',
    link: null,
    user: null,
  };
}

/** Linked users who have these logins as last written, or as this run listed them. */
async function linked(db: Reader, runId: string, sync: string, logins: string[]): Promise<Found[]> {
  const byLink = linkedQuery(db, runId, sync).where('l.login', 'in', logins);
  const byUser = linkedQuery(db, runId, sync).where('i.login', 'in', logins).whereRef('i.login', '<>', 'l.login');
  const rows = [
    ...(await byLink.execute()).map((row) => ({ ...row, held: row.login })),
    ...(await byUser.execute()).map((row) => ({ ...row, held: row.listed_login ?? row.login })),
  ];
  return rows.map((row) => ({ login: row.held, ...holderOf(row, 'link') }));
}

function holderOf(
  row: Awaited<ReturnType<ReturnType<typeof linkedQuery>['execute']>>[number],
  via: 'link' | 'external id',
): LoginHolder {
  return {
    via,
    anchor: row.anchor,
    genesysId: row.genesys_id,
    displayName: row.display_name,
    active: row.active === 1,
    entry: entryOf(row),
    link: toLink(row),
    user: fromJson<ScimUser>(row.scim_user),
  };
}

function linkedQuery(db: Reader, runId: string, sync: string) {
  return db
    .selectFrom('links as l')
    .leftJoin('inventory_users as i', (join) =>
      join.onRef('i.genesys_id', '=', 'l.genesys_id').on('i.run_id', '=', runId),
    )
    .leftJoin('desired_rows as d', (join) => join.onRef('d.anchor', '=', 'l.anchor').on('d.run_id', '=', runId))
    .selectAll('l')
    .select(['i.login as listed_login', 'i.scim_user', 'd.valid', 'd.active as works', 'd.login as wanted_login'])
    .select(['d.disabled_because', enabledInRead(runId)])
    .where('l.sync', '=', sync)
    .where('l.retired_at', 'is', null)
    .orderBy('l.anchor');
}

/** Whether the entry, read in full or swept, may work; null when no complete read of the run has it. */
const enabledInRead = (runId: string) =>
  sql<number | null>`(select max(e.enabled) from staging_entries as e
    join staging_reads as r on r.run_id = e.run_id and r.directory = e.directory and r.attempt = e.attempt
    where e.run_id = ${runId} and e.anchor = l.anchor and r.complete = 1)`.as('enabled');

interface HolderRow {
  login: string;
  valid: number | null;
  works: number | null;
  wanted_login: string | null;
  disabled_because: string | null;
  enabled: number | null;
}

/** Who was only swept is as he was when his login was last compared. */
function entryOf({
  login,
  valid,
  works,
  wanted_login: wanted,
  disabled_because: sign,
  enabled,
}: HolderRow): HolderEntry {
  if (valid === null) return enabled === null ? 'absent' : enabled === 1 ? 'stays' : 'disabled';
  if (valid === 0) return sign === null ? 'invalid' : 'disabled';
  if (works === 0) return 'disabled';
  return wanted === login ? 'stays' : 'leaves';
}

async function unlinked(db: Reader, runId: string, sync: string, logins: string[]): Promise<Found[]> {
  const rows = await db
    .selectFrom('inventory_users as i')
    .leftJoin('links as l', (join) => join.onRef('l.genesys_id', '=', 'i.genesys_id').on('l.sync', '=', sync))
    .select(['i.genesys_id', 'i.login', 'i.display_name', 'i.active', 'i.scim_user'])
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
    entry: null,
    link: null,
    user: fromJson<ScimUser>(row.scim_user),
  }));
}

/** Which of these logins stand anywhere: retired users have theirs as well. */
export async function takenLogins(
  engine: Engine,
  runId: string,
  sync: string,
  userNames: string[],
): Promise<Set<string>> {
  const taken = new Set<string>();
  await inPortions([...new Set(userNames.map(loginKey))], 1, async (portion) => {
    const rows = await engine.read(async (db) => [
      ...(await db
        .selectFrom('links')
        .select('login')
        .where('sync', '=', sync)
        .where('login', 'in', portion)
        .execute()),
      ...(await listedLogins(db, 'inventory_users', runId, portion)),
      ...(await listedLogins(db, 'desired_rows', runId, portion)),
    ]);
    for (const { login } of rows) taken.add(login);
  });
  return taken;
}

function listedLogins(db: Reader, table: 'inventory_users' | 'desired_rows', runId: string, logins: string[]) {
  return db.selectFrom(table).select('login').where('run_id', '=', runId).where('login', 'in', logins).execute();
}
