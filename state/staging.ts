import { sql } from 'kysely';
import type { Anchor, Entry } from '../model/entry.ts';
import { StateError } from '../model/errors.ts';
import { inPortions, keysetPages, lastOfEach, portions } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import { dropRows } from './dropping.ts';
import type { StagingStore } from './state.ts';
import { visible } from './staged-rows.ts';
import { sweeping } from './sweep.ts';
import { fromJson, type StoreContext } from './store-context.ts';

export function stagingStore({ engine }: StoreContext): StagingStore {
  return {
    begin: async (runId, directory, attempt) => {
      await engine.write((trx) => restart(trx, runId, directory, attempt));
      await dropRows(engine, 'staging_entries', 'anchor', { runId, directory });
    },
    add: (runId, directory, attempt, entries, { swept } = { swept: false }) =>
      inPortions(
        lastOfEach(entries, (entry) => entry.anchor),
        8,
        (portion) => engine.write((trx) => insert(trx, runId, directory, attempt, portion, swept)),
      ),
    complete: async (runId, directory, attempt, counts) => {
      const { numUpdatedRows } = await engine.write((trx) =>
        trx
          .updateTable('staging_reads')
          .set({
            complete: 1,
            read_count: counts.read,
            in_scope: counts.inScope,
            referrals: JSON.stringify(counts.referrals),
          })
          .where('run_id', '=', runId)
          .where('directory', '=', directory)
          .where('attempt', '=', attempt)
          .executeTakeFirst(),
      );
      if (numUpdatedRows === 0n) throw overtaken(directory);
      await engine.loaded('staging_reads', 'staging_entries');
    },
    marks: (runId) => engine.read((db) => marks(db, runId)),
    pages: (runId, size = 500) => entryPages({ engine }, runId, size, true),
    allPages: (runId, size = 500) => entryPages({ engine }, runId, size, false),
    ...sweeping(engine),
    anchorsByDn: async (sync, runId, fallbackRunId, dnKeys) => {
      const found = new Map<string, Anchor>();
      for (const portion of portions([...new Set(dnKeys)])) {
        await engine.read((db) => resolve(db, found, sync, runId, fallbackRunId, portion));
      }
      return found;
    },
    contains: async (runId, keys) => {
      const found = new Set<string>();
      for (const portion of portions([...new Set(keys)])) {
        const byAnchor = await engine.read((db) => visible(db, runId).where('e.anchor', 'in', portion).execute());
        const byDn = await engine.read((db) => visible(db, runId).where('e.dn_key', 'in', portion).execute());
        for (const row of byAnchor) found.add(row.anchor);
        for (const row of byDn) found.add(row.dn_key);
      }
      return found;
    },
    prune: async (sync, keep) => {
      const runs = await engine.read((db) => endedRuns(db, sync));
      for (const { run_id: runId } of runs.filter((run) => !keep.includes(run.run_id))) {
        await engine.write(async (trx) => {
          await trx.deleteFrom('staging_reads').where('run_id', '=', runId).execute();
          await trx.deleteFrom('inventory_reads').where('run_id', '=', runId).execute();
        });
        await dropRows(engine, 'staging_entries', 'anchor', { runId });
        await dropRows(engine, 'inventory_users', 'genesys_id', { runId });
        await dropRows(engine, 'inventory_keys', 'genesys_id', { runId });
        await dropRows(engine, 'desired_rows', 'anchor', { runId });
      }
    },
  };
}

/** Runs with something to prune. A run still open needs what it read; runs on one person are many, and soon empty. */
function endedRuns(db: Reader, sync: string): Promise<{ run_id: string }[]> {
  const stored = WORKING_TABLES.map(
    (table) => sql`exists (select 1 from ${sql.table(table)} as w where w.run_id = runs.run_id)`,
  );
  return db
    .selectFrom('runs')
    .select('run_id')
    .where('sync', '=', sync)
    .where('finished_at', 'is not', null)
    .where(sql<boolean>`(${sql.join(stored, sql` or `)})`)
    .execute();
}

const WORKING_TABLES = [
  'staging_reads',
  'staging_entries',
  'inventory_reads',
  'inventory_users',
  'inventory_keys',
  'desired_rows',
] as const;

/** From here on nothing of an earlier attempt can be seen, nor be added. */
async function restart(trx: Writer, runId: string, directory: string, attempt: number): Promise<void> {
  const fresh = { attempt, complete: 0, read_count: 0, in_scope: 0, referrals: '[]' };
  await trx
    .insertInto('staging_reads')
    .values({ run_id: runId, directory, ...fresh })
    .onConflict((oc) => oc.columns(['run_id', 'directory']).doUpdateSet(fresh))
    .execute();
}

async function insert(
  trx: Writer,
  runId: string,
  directory: string,
  attempt: number,
  entries: Entry[],
  swept: boolean,
): Promise<void> {
  const current = await trx
    .selectFrom('staging_reads')
    .select('attempt')
    .where('run_id', '=', runId)
    .where('directory', '=', directory)
    .executeTakeFirst();
  if (current?.attempt !== attempt) throw overtaken(directory);
  const rows = entries.map((entry) => ({
    run_id: runId,
    anchor: entry.anchor,
    directory,
    attempt,
    dn_key: entry.dnKey,
    entry: JSON.stringify(entry),
    enabled: entry.enabled ? 1 : 0,
    complete_entry: swept ? 0 : 1,
  }));
  await trx
    .insertInto('staging_entries')
    .values(rows)
    .onConflict((oc) =>
      oc.columns(['run_id', 'anchor', 'directory', 'attempt']).doUpdateSet((eb) => ({
        dn_key: eb.ref('excluded.dn_key'),
        entry: eb.ref('excluded.entry'),
        enabled: eb.ref('excluded.enabled'),
        complete_entry: eb.ref('excluded.complete_entry'),
      })),
    )
    .execute();
}

function overtaken(directory: string): StateError {
  return new StateError(
    'state.busy',
    `Another attempt at reading the directory ${directory} has begun meanwhile; this one's entries are not kept.`,
    { retryable: true },
  );
}

async function marks(db: Reader, runId: string) {
  const rows = await db
    .selectFrom('staging_reads')
    .selectAll()
    .where('run_id', '=', runId)
    .where('complete', '=', 1)
    .orderBy('directory')
    .execute();
  return rows.map((row) => ({
    directory: row.directory,
    read: row.read_count,
    inScope: row.in_scope,
    referrals: fromJson<string[]>(row.referrals),
  }));
}

async function* entryPages(
  { engine }: Pick<StoreContext, 'engine'>,
  runId: string,
  size: number,
  inFull: boolean,
): AsyncGenerator<Entry[]> {
  const fetch = (after: readonly [string, string]) =>
    engine.read((db) =>
      visible(db, runId)
        .select('e.entry')
        .where('e.complete_entry', '>=', inFull ? 1 : 0)
        .where(sql<boolean>`(e.anchor, e.directory) > (${after[0]}, ${after[1]})`)
        .orderBy('e.anchor')
        .orderBy('e.directory')
        .limit(size)
        .execute(),
    );
  for await (const page of keysetPages(['', ''] as const, size, fetch, (row) => [row.anchor, row.directory] as const)) {
    yield page.map((row) => fromJson<Entry>(row.entry));
  }
}

/** Fills `found`: what an older source says never overrides a newer one, nor places a person where he is no longer. */
async function resolve(
  db: Reader,
  found: Map<string, Anchor>,
  sync: string,
  runId: string,
  fallbackRunId: string | null,
  dnKeys: string[],
): Promise<void> {
  for (const source of [runId, fallbackRunId]) {
    if (source === null) continue;
    const rows = await visible(db, source).where('e.dn_key', 'in', dnKeys).orderBy('e.anchor').execute();
    const moved = source === runId ? new Set<string>() : await seen(db, runId, rows);
    keepFirst(found, rows, moved);
  }
  const links = await db
    .selectFrom('links')
    .select(['anchor', sql<string>`dn_key`.as('dn_key')])
    .where('sync', '=', sync)
    .where('dn_key', 'in', dnKeys)
    .orderBy('anchor')
    .execute();
  const elsewhere = [await seen(db, runId, links), await seen(db, fallbackRunId, links)];
  keepFirst(found, links, new Set(elsewhere.flatMap((anchors) => [...anchors])));
}

type Located = { anchor: Anchor; dn_key: string };

function keepFirst(found: Map<string, Anchor>, rows: Located[], except: ReadonlySet<string>): void {
  for (const row of rows) {
    if (!found.has(row.dn_key) && !except.has(row.anchor)) found.set(row.dn_key, row.anchor);
  }
}

/** Those whom a run read, under whatever DN. */
async function seen(db: Reader, runId: string | null, rows: Located[]): Promise<Set<string>> {
  if (runId === null || rows.length === 0) return new Set();
  const anchors = rows.map((row) => row.anchor);
  const known = await visible(db, runId).where('e.anchor', 'in', anchors).execute();
  return new Set(known.map((row) => row.anchor));
}
