import { sql, type Selectable } from 'kysely';
import type { Anchor } from '../model/entry.ts';
import { StateError } from '../model/errors.ts';
import type { Link, WrittenValues } from '../model/user.ts';
import { inPortions, portions } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import { isNotIgnored } from './ignores.ts';
import { provenanceColumns, toProvenance, type ProvenanceColumns } from './provenance-columns.ts';
import type { LinksTable } from './schema.ts';
import type { ChangeRef, LinkStanding, LinkStore } from './state.ts';
import { fromJson, loginKey, type StoreContext } from './store-context.ts';

/** Four statements a link; counted as so many parameters, a transaction stays short. */
const PARAMETERS_OF_A_LINK = 400;

export function linkStore({ engine, now }: StoreContext): LinkStore {
  return {
    byAnchor: async (sync, anchors) => {
      const links = new Map<Anchor, Link>();
      for (const portion of portions(anchors)) {
        const rows = await engine.read((db) =>
          db.selectFrom('links').selectAll().where('sync', '=', sync).where('anchor', 'in', portion).execute(),
        );
        for (const row of rows) links.set(row.anchor, toLink(row));
      }
      return links;
    },
    byGenesysId: async (sync, genesysId) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('links')
          .selectAll()
          .where('sync', '=', sync)
          .where('genesys_id', '=', genesysId)
          .executeTakeFirst(),
      );
      return row === undefined ? null : toLink(row);
    },
    settle: async (sync, runId) => {
      await engine.write((trx) =>
        sql`update links set settled_under = e.fingerprint from staging_entries as e
          join staging_reads as r on r.run_id = e.run_id and r.directory = e.directory and r.attempt = e.attempt
          where links.sync = ${sync} and links.anchor = e.anchor and e.run_id = ${runId} and r.complete = 1
            and e.complete_entry = 1
            and exists (select 1 from desired_rows as d where d.run_id = e.run_id and d.anchor = e.anchor)
            and not exists (select 1 from changes as c where c.run_id = e.run_id and c.anchor = e.anchor)
            and ${isNotIgnored('links.anchor', sync, now())}`.execute(trx),
      );
    },
    markSeen: async (sync, runId, configHash) => {
      await engine.write((trx) =>
        trx
          .updateTable('links')
          .set({ seen_under: configHash })
          .where('sync', '=', sync)
          .where('anchor', 'in', (eb) =>
            eb.selectFrom('desired_rows').select('anchor').where('run_id', '=', runId).where('active', '=', 1),
          )
          .execute(),
      );
    },
    noteProvenance: async (sync, runId) => {
      await engine.write((trx) => noteProvenance(trx, sync, runId));
    },
    suffixes: async (sync) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('links')
          .select(['anchor', 'suffix'])
          .where('sync', '=', sync)
          .where('suffix', 'is not', null)
          .execute(),
      );
      return new Map(rows.flatMap(({ anchor, suffix }) => (suffix === null ? [] : [[anchor, suffix] as const])));
    },
    catchUp: async (sync, runId, found) => {
      await inPortions(found, PARAMETERS_OF_A_LINK, (portion) =>
        engine.write(async (trx) => {
          for (const { link, retired } of portion) {
            if ((await standingOf(trx, sync, link.anchor, runId)).overtaken !== 'no') continue;
            await upsertLink(trx, { sync, runId, link, origin: null, retired, now: now() });
          }
        }),
      );
    },
    standing: (sync, anchor, runId) => engine.read((db) => standingOf(db, sync, anchor, runId)),
    counts: (sync) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('links')
          .select((eb) => [eb.fn.countAll<number>().as('total'), eb.fn.sum<number | null>('active').as('active')])
          .where('sync', '=', sync)
          .where('retired_at', 'is', null)
          .executeTakeFirstOrThrow();
        return { active: row.active ?? 0, total: row.total };
      }),
  };
}

/** One statement, so that all of it is of one moment. */
async function standingOf(db: Reader, sync: string, anchor: Anchor, runId: string): Promise<LinkStanding> {
  const row = await db
    .selectFrom('links as l')
    .innerJoin('runs as mine', (join) => join.on('mine.run_id', '=', runId))
    .leftJoin('runs as other', 'other.run_id', 'l.written_by')
    .select(['l.updated_at', 'l.written_by', 'l.retired_at', 'mine.started_at', 'other.planned_at'])
    .where('l.sync', '=', sync)
    .where('l.anchor', '=', anchor)
    .executeTakeFirst();
  if (row === undefined) return { stamp: null, overtaken: 'no', retired: false };
  const [stamp, retired] = [row.updated_at, row.retired_at !== null];
  if (row.written_by === runId || stamp <= row.started_at) return { stamp, overtaken: 'no', retired };
  // A run reads between its start and its plan.
  const readBefore = row.planned_at !== null && row.planned_at <= row.started_at;
  return { stamp, overtaken: readBefore ? 'older' : 'newer', retired };
}

/** The stamp of {@link LinkStanding}, of the person whom a change is about. */
export async function linkStamp(db: Reader, { runId, seq }: ChangeRef): Promise<string | null> {
  const row = await db
    .selectFrom('changes as c')
    .innerJoin('links as l', (join) => join.onRef('l.sync', '=', 'c.sync').onRef('l.anchor', '=', 'c.anchor'))
    .select('l.updated_at')
    .where('c.run_id', '=', runId)
    .where('c.seq', '=', seq)
    .executeTakeFirst();
  return row?.updated_at ?? null;
}

/** The same of the link of a Genesys user, whomever the change is about. */
export async function userStamp(
  db: Reader,
  { runId, seq }: ChangeRef,
  genesysId: string | null,
): Promise<string | null> {
  const row = await db
    .selectFrom('changes as c')
    .innerJoin('links as l', 'l.sync', 'c.sync')
    .select('l.updated_at')
    .where('c.run_id', '=', runId)
    .where('c.seq', '=', seq)
    .where('l.genesys_id', '=', genesysId)
    .executeTakeFirst();
  return row?.updated_at ?? null;
}

export interface LinkWrite {
  sync: string;
  /** The run whose read knows the key of the link's DN. */
  runId: string;
  link: Link;
  origin: 'created' | 'adopted' | null;
  /** True for a user who was taken out of use for good; any later write takes him back. */
  retired?: boolean;
  /** True where the person is not yet as he shall be: the next delta has to read him again. */
  unsettled?: boolean;
  now: string;
}

/** Stores a link as it stands after a write; its origin and time of creation never change, whoever its user is by now. */
export async function upsertLink(trx: Writer, write: LinkWrite): Promise<void> {
  const { sync, runId, link, origin, retired = false, unsettled = false, now } = write;
  await refuseSecondLink(trx, sync, link);
  const place = await placeOf(trx, runId, link);
  const columns = {
    ...columnsOf(link),
    ...place,
    settled_under: unsettled ? null : place.settled_under,
    retired_at: retired ? now : null,
    updated_at: now,
    written_by: runId,
  };
  await trx
    .insertInto('links')
    .values({ sync, anchor: link.anchor, origin, created_at: now, ...columns })
    .onConflict((oc) =>
      oc.columns(['sync', 'anchor']).doUpdateSet({
        ...columns,
        origin: sql<'created' | 'adopted' | null>`coalesce(links.origin, excluded.origin)`,
      }),
    )
    .execute();
  await noteProvenance(trx, sync, runId, link.anchor);
}

/** Of one person, or of everybody; writes nothing where the links say so already. */
async function noteProvenance(trx: Writer, sync: string, runId: string, anchor: Anchor | null = null): Promise<void> {
  await sql`update links set sid = coalesce(d.sid, links.sid),
      former_sids = coalesce(d.former_sids, links.former_sids),
      entry_created_at = coalesce(d.entry_created_at, links.entry_created_at)
    from desired_rows as d
    where links.sync = ${sync} and d.run_id = ${runId} and d.anchor = links.anchor
      and (d.sid <> coalesce(links.sid, '') or d.former_sids <> coalesce(links.former_sids, '')
        or d.entry_created_at <> coalesce(links.entry_created_at, ''))
      ${anchor === null ? sql`` : sql`and links.anchor = ${anchor}`}`.execute(trx);
}

/**
 * Hands a person's link to another anchor: whether and when his user was created or adopted stays with it, where the old
 * entry came from does not.
 */
export async function moveLink(trx: Writer, sync: string, from: Anchor, to: Anchor): Promise<void> {
  const moved = { anchor: to, ...provenanceColumns(undefined) };
  await trx.updateTable('links').set(moved).where('sync', '=', sync).where('anchor', '=', from).execute();
}

/**
 * Has the next runs compare everybody again who was written as pointing to this user, such as his reports: another one has
 * taken his place. No index finds them, which is bearable as deleted users are few.
 */
export async function compareReferrers(trx: Writer, sync: string, genesysId: string): Promise<void> {
  await sql`update links set written_hash = '', settled_under = null
    where sync = ${sync} and replace(written, ${genesysId}, '') <> written`.execute(trx);
}

async function refuseSecondLink(trx: Writer, sync: string, link: Link): Promise<void> {
  const other = await trx
    .selectFrom('links')
    .select('anchor')
    .where('sync', '=', sync)
    .where('genesys_id', '=', link.genesysId)
    .where('anchor', '<>', link.anchor)
    .executeTakeFirst();
  if (other === undefined) return;
  throw new StateError(
    'identity.login-taken',
    `The Genesys user ${link.genesysId} is already linked to the directory entry ${other.anchor}; unlink that one first.`,
  );
}

/** Where and as what the run read the person. */
async function placeOf(
  trx: Writer,
  runId: string,
  link: Link,
): Promise<{ dn_key: string | null; settled_under: string | null }> {
  const row = await trx
    .selectFrom('staging_entries as e')
    .innerJoin('staging_reads as r', (join) =>
      join
        .onRef('r.run_id', '=', 'e.run_id')
        .onRef('r.directory', '=', 'e.directory')
        .onRef('r.attempt', '=', 'e.attempt')
        .on('r.complete', '=', 1),
    )
    .select(['e.dn_key', 'e.fingerprint'])
    .where('e.run_id', '=', runId)
    .where('e.anchor', '=', link.anchor)
    .where('e.directory', '=', link.directory)
    .executeTakeFirst();
  return { dn_key: row?.dn_key ?? null, settled_under: row?.fingerprint ?? null };
}

function columnsOf(link: Link) {
  return {
    genesys_id: link.genesysId,
    directory: link.directory,
    dn: link.dn,
    user_name: link.userName,
    login: loginKey(link.userName),
    display_name: link.displayName,
    active: link.active ? 1 : 0,
    written: JSON.stringify(link.written),
    written_hash: link.writtenHash,
    version: link.version,
    seen_under: link.seenUnder,
    suffix: link.suffix ?? null,
  };
}

type LinkColumns = Pick<
  Selectable<LinksTable>,
  | 'anchor'
  | 'genesys_id'
  | 'directory'
  | 'dn'
  | 'user_name'
  | 'display_name'
  | 'active'
  | 'written'
  | 'written_hash'
  | 'version'
  | 'seen_under'
  | 'suffix'
> &
  ProvenanceColumns;

export function toLink(row: LinkColumns): Link {
  const provenance = toProvenance(row);
  return {
    anchor: row.anchor,
    genesysId: row.genesys_id,
    directory: row.directory,
    dn: row.dn,
    userName: row.user_name,
    displayName: row.display_name,
    active: row.active === 1,
    written: fromJson<WrittenValues>(row.written),
    writtenHash: row.written_hash,
    version: row.version,
    seenUnder: row.seen_under,
    ...(row.suffix === null ? {} : { suffix: row.suffix }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}
