import { sql, type SelectQueryBuilder } from 'kysely';
import type { Candidate } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import type { DesiredUser, Problem, ScimUser } from '../model/user.ts';
import { anchorRanges, portions, type AnchorRange } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { isInventoryComplete } from './inventory.ts';
import { toLink } from './links.ts';
import { toProvenance } from './provenance-columns.ts';
import type { DesiredStore } from './state.ts';
import { fromJson } from './store-context.ts';

type Options = Parameters<DesiredStore['candidates']>[2];

/** The run whose inventory may be looked at; an incomplete one is as good as none. */
interface Scope {
  runId: string;
  sync: string;
  inventoryRunId: string;
}

/**
 * Selects the people about whom something may have to be done: those of the read first, then the absent ones, each in
 * order of anchor. Every range is one statement, so that nothing is held open while the caller writes.
 */
export async function* candidatePages(
  engine: Engine,
  runId: string,
  sync: string,
  options: Options,
): AsyncGenerator<Candidate[]> {
  await engine.loaded('desired_rows', 'links');
  const scope = await scopeOf(engine, runId, sync);
  for await (const range of rangesOf(engine, scope, options, 'desired_rows')) {
    yield* sized(await engine.read((db) => presentOnes(db, scope, range, options.looked)), options.size);
  }
  if (!options.absent || options.directories.length === 0) return;
  for await (const range of rangesOf(engine, scope, options, 'links')) {
    yield* sized(await engine.read((db) => absentOnes(db, scope, options.directories, range)), options.size);
  }
}

/** People of the read, or of these alone, who have a link and are no candidates; without those in `looked`. */
export async function countUnchanged(
  engine: Engine,
  { runId, sync }: { runId: string; sync: string },
  { anchors, looked }: { anchors?: Anchor[]; looked?: ReadonlySet<Anchor> } = {},
): Promise<number> {
  const scope = await scopeOf(engine, runId, sync);
  const count = async (options: { anchors?: Anchor[] }): Promise<number> => {
    let unchanged = 0;
    for await (const range of rangesOf(engine, scope, options, 'desired_rows')) {
      const row = await engine.read((db) =>
        within(joined(db, scope), 'd.anchor', range)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('l.anchor', 'is not', null)
          .where('d.valid', '=', 1)
          .where(sql<boolean>`not ${needsALook(scope)}`)
          .executeTakeFirstOrThrow(),
      );
      unchanged += row.count;
    }
    return unchanged;
  };
  return (await count(anchors === undefined ? {} : { anchors })) - (await count({ anchors: [...(looked ?? [])] }));
}

async function scopeOf(engine: Engine, runId: string, sync: string): Promise<Scope> {
  const complete = await engine.read((db) => isInventoryComplete(db, runId));
  return { runId, sync, inventoryRunId: complete ? runId : '' };
}

/** A range of anchors, or these anchors. */
type Part = AnchorRange | { anchors: Anchor[] };

async function* rangesOf(
  engine: Engine,
  { runId, sync }: Scope,
  { anchors }: { anchors?: Anchor[] },
  table: 'desired_rows' | 'links',
): AsyncGenerator<Part> {
  if (anchors !== undefined) {
    for (const portion of portions([...new Set(anchors)].sort())) yield { anchors: portion };
    return;
  }
  const rows = table === 'links' ? sql`sync = ${sync}` : sql`run_id = ${runId}`;
  yield* anchorRanges(async (after, offset) => {
    const query = sql<{ anchor: Anchor }>`select anchor from ${sql.table(table)}
      where ${rows} and anchor > ${after} order by anchor limit 1 offset ${offset}`;
    return (await engine.read((db) => query.execute(db))).rows[0]?.anchor;
  });
}

/**
 * True or false, never null, where `d` is valid and has a link. A service without versions has everybody compared. Whom a
 * complete inventory lacks may have been deleted.
 */
const needsALook = ({ inventoryRunId }: Scope) => sql<boolean>`(d.valid = 0
  or (l.anchor is null and (d.active = 1 or exists (select 1 from inventory_keys as k
    where k.run_id = d.run_id and k.key = d.anchor)))
  or (l.anchor is not null and d.active <> l.active)
  or (l.anchor is not null and d.active = 1 and l.active = 1
    and (d.hash <> l.written_hash
      or (i.genesys_id is not null and (i.version is null or i.version <> coalesce(l.version, '')))
      or (i.genesys_id is null and ${inventoryRunId} <> ''))))`;

function joined(db: Reader, { runId, sync, inventoryRunId }: Scope) {
  return db
    .selectFrom('desired_rows as d')
    .leftJoin('links as l', (join) => join.onRef('l.anchor', '=', 'd.anchor').on('l.sync', '=', sync))
    .leftJoin('inventory_users as i', (join) =>
      join.onRef('i.genesys_id', '=', 'l.genesys_id').on('i.run_id', '=', inventoryRunId),
    )
    .where('d.run_id', '=', runId);
}

function within<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  column: 'd.anchor' | 'l.anchor',
  part: Part,
): SelectQueryBuilder<DB, TB, O> {
  const anchor = sql.ref(column);
  if ('anchors' in part) return query.where(sql<boolean>`${anchor} in (${sql.join(part.anchors)})`);
  const above = query.where(sql<boolean>`${anchor} > ${part.after}`);
  return part.upTo === null ? above : above.where(sql<boolean>`${anchor} <= ${part.upTo}`);
}

const LINK_COLUMNS = [
  'l.genesys_id',
  'l.directory as link_directory',
  'l.dn as link_dn',
  'l.user_name',
  'l.display_name',
  'l.active as link_active',
  'l.written',
  'l.written_hash',
  'l.version',
  'l.seen_under',
  'l.suffix',
  'l.sid as link_sid',
  'l.former_sids as link_former_sids',
  'l.entry_created_at as link_entry_created_at',
  'i.scim_user',
] as const;

async function presentOnes(
  db: Reader,
  scope: Scope,
  part: Part,
  looked: ReadonlySet<Anchor> = new Set(),
): Promise<Candidate[]> {
  const asked = 'anchors' in part ? part.anchors.filter((anchor) => looked.has(anchor)) : [];
  const rows = await within(joined(db, scope), 'd.anchor', part)
    .select([
      'd.anchor',
      'd.directory',
      'd.dn',
      'd.hash',
      'd.desired',
      'd.problems',
      'd.disabled_because',
      'd.sid',
      'd.former_sids',
      'd.entry_created_at',
      ...LINK_COLUMNS,
    ])
    .where((eb) => (asked.length === 0 ? needsALook(scope) : eb.or([needsALook(scope), eb('d.anchor', 'in', asked)])))
    .orderBy('d.anchor')
    .execute();
  return rows.map((row) => ({
    anchor: row.anchor,
    desired: fromJson<DesiredUser>(row.desired),
    hash: row.desired === null ? null : row.hash,
    present: true,
    directory: row.directory,
    dn: row.dn,
    problems: fromJson<Problem[]>(row.problems),
    disabledBecause: row.disabled_because,
    provenance: toProvenance(row),
    link: linkOf(row),
    actual: fromJson<ScimUser>(row.scim_user),
    deleted: false,
  }));
}

/** Active links of people whom neither the mapped rows nor the entries of the complete reads contain. */
async function absentOnes(db: Reader, scope: Scope, directories: string[], part: Part): Promise<Candidate[]> {
  const links = db
    .selectFrom('links as l')
    .leftJoin('inventory_users as i', (join) =>
      join.onRef('i.genesys_id', '=', 'l.genesys_id').on('i.run_id', '=', scope.inventoryRunId),
    )
    .where('l.sync', '=', scope.sync)
    .where('l.active', '=', 1)
    .where('l.directory', 'in', directories)
    .where(
      sql<boolean>`not exists (select 1 from desired_rows as d where d.run_id = ${scope.runId} and d.anchor = l.anchor)`,
    )
    .where(
      sql<boolean>`not exists (select 1 from staging_entries as e
        join staging_reads as r on r.run_id = e.run_id and r.directory = e.directory and r.attempt = e.attempt
        where e.run_id = ${scope.runId} and e.anchor = l.anchor and r.complete = 1)`,
    );
  const rows = await within(links, 'l.anchor', part)
    .select(['l.anchor', 'l.directory', 'l.dn', ...LINK_COLUMNS])
    .orderBy('l.anchor')
    .execute();
  return rows.map((row) => ({
    anchor: row.anchor,
    desired: null,
    hash: null,
    present: false,
    directory: row.directory,
    dn: row.dn,
    problems: [],
    disabledBecause: null,
    link: linkOf(row),
    actual: fromJson<ScimUser>(row.scim_user),
    deleted: false,
  }));
}

interface LinkFields {
  anchor: string;
  genesys_id: string | null;
  link_directory: string | null;
  link_dn: string | null;
  user_name: string | null;
  display_name: string | null;
  link_active: number | null;
  written: string | null;
  written_hash: string | null;
  version: string | null;
  seen_under: string | null;
  suffix: number | null;
  link_sid: string | null;
  link_former_sids: string | null;
  link_entry_created_at: string | null;
}

/** Null where the join found no link; its columns are never null otherwise. */
function linkOf(row: LinkFields): Candidate['link'] {
  if (row.genesys_id === null) return null;
  return toLink({
    anchor: row.anchor,
    genesys_id: row.genesys_id,
    directory: row.link_directory ?? '',
    dn: row.link_dn ?? '',
    user_name: row.user_name ?? '',
    display_name: row.display_name ?? '',
    active: row.link_active ?? 0,
    written: row.written ?? '{}',
    written_hash: row.written_hash ?? '',
    version: row.version,
    seen_under: row.seen_under,
    suffix: row.suffix,
    sid: row.link_sid,
    former_sids: row.link_former_sids,
    entry_created_at: row.link_entry_created_at,
  });
}

function* sized(candidates: Candidate[], size = 500): Generator<Candidate[]> {
  for (let from = 0; from < candidates.length; from += size) yield candidates.slice(from, from + size);
}
