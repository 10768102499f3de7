import { sql } from 'kysely';
import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor, Entry } from '../model/entry.ts';
import type { WrittenValues } from '../model/user.ts';
import { toBatch } from './batches.ts';
import { keysetPages } from './batching.ts';
import type { Engine, Reader } from './engine.ts';
import { toParkedRow } from './parked.ts';
import { toRun } from './run-row.ts';
import type { Batch, ParkedRow, RunNote, RunRow } from './state.ts';
import { fromJson, loginKey, type StoreContext } from './store-context.ts';

/** How a person is named: by an id (anchor or Genesys id), by the key of a DN, or by login or mail. */
export type PersonName = { id: string } | { dnKey: string } | { login: string };

/** Somebody of whom state knows; texts are empty where it does not know them. */
export interface KnownPerson {
  anchor: Anchor;
  userName: string;
  displayName: string;
  dn: string;
  /**
   * Where he was found: `link` outranks `parked`, and so on in this order. `read` = in a stored directory read alone,
   * `ignored` = in the record of who was once ignored.
   */
  via: 'link' | 'parked' | 'desired' | 'read' | 'audit' | 'ignored';
}

/** An open batch that contains a change of somebody. */
export interface Holding {
  batch: Batch;
  kind: ChangeKind;
  /** Why it was planned, as one sentence. */
  reason: string;
  /** Why it waits whatever the limits say; null where no policy holds it. */
  heldBecause: string | null;
}

export interface PeopleStore {
  /**
   * Everybody whom the name fits, once each, the surest first, at most 20. Logins that somebody had once and mail
   * addresses are tried only when nobody has that login now.
   */
  find(sync: string, name: PersonName): Promise<KnownPerson[]>;
  parked(sync: string, anchor: Anchor): Promise<ParkedRow | null>;
  /** Open batches with a change of this person, newest first. */
  holdings(sync: string, anchor: Anchor): Promise<Holding[]>;
  /** The newest run that mapped this person's entry or found something about it, with what it found; null without one. */
  lastNotes(sync: string, anchor: Anchor): Promise<{ run: RunRow; notes: RunNote[] } | null>;
}

const MOST = 20;
const PAGE = 1_000;

export function peopleStore({ engine }: StoreContext): PeopleStore {
  return {
    find: (sync, name) => find(engine, sync, 'login' in name ? { login: loginKey(name.login) } : name),
    parked: async (sync, anchor) => {
      const row = await engine.read((db) =>
        db.selectFrom('parked').selectAll().where('sync', '=', sync).where('anchor', '=', anchor).executeTakeFirst(),
      );
      return row === undefined ? null : toParkedRow(row);
    },
    holdings: async (sync, anchor) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('batches as b')
          .innerJoin('batch_members as m', 'm.batch_hash', 'b.hash')
          .innerJoin('runs as r', 'r.run_id', 'b.run_id')
          .innerJoin('changes as c', (join) =>
            join
              .onRef('c.run_id', '=', 'b.run_id')
              .onRef('c.anchor', '=', 'm.anchor')
              .onRef('c.kind', '=', 'm.kind')
              .on('c.part', '=', 0),
          )
          .selectAll('b')
          .select(['m.kind', 'c.change', 'c.held_because'])
          .where('b.sync', '=', sync)
          .where('b.status', '=', 'open')
          .where('m.anchor', '=', anchor)
          .orderBy('r.number', 'desc')
          .orderBy('m.kind')
          .execute(),
      );
      return rows.map((row) => {
        const { reason } = fromJson<PlannedChange>(row.change);
        return { batch: toBatch(row), kind: row.kind, reason, heldBecause: row.held_because };
      });
    },
    lastNotes: (sync, anchor) => engine.read((db) => lastNotes(db, sync, anchor)),
  };
}

async function find(engine: Engine, sync: string, name: PersonName): Promise<KnownPerson[]> {
  const now = await engine.read(async (db) => [
    ...(await linked(db, sync, name)),
    ...(await parked(db, sync, name)),
    ...(await desired(db, sync, name)),
    ...(await read(db, sync, name)),
  ]);
  if (now.length > 0) return once(now);
  const byMail = 'login' in name ? await linkedByMail(engine, sync, name.login) : [];
  if (byMail.length > 0) return once(byMail);
  return once(
    await engine.read(async (db) => [...(await audited(db, sync, name)), ...(await everIgnored(db, sync, name))]),
  );
}

/** The first of several rows about one person is the surest. */
function once(people: KnownPerson[]): KnownPerson[] {
  const isFirst = (one: KnownPerson, at: number) => people.findIndex(({ anchor }) => anchor === one.anchor) === at;
  return people.filter(isFirst).slice(0, MOST);
}

async function linked(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  const rows = await db
    .selectFrom('links')
    .select(['anchor', 'user_name', 'display_name', 'dn'])
    .where('sync', '=', sync)
    .where((eb) => {
      if ('id' in name) return eb.or([eb('anchor', '=', name.id), eb('genesys_id', '=', name.id)]);
      return 'login' in name ? eb('login', '=', name.login) : eb('dn_key', '=', name.dnKey);
    })
    .orderBy('active', 'desc')
    .orderBy('anchor')
    .limit(MOST)
    .execute();
  return rows.map((row) => person(row, 'link'));
}

async function parked(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  if ('dnKey' in name) return [];
  const rows = await db
    .selectFrom('parked')
    .select(['anchor', 'user_name', 'display_name', 'dn'])
    .where('sync', '=', sync)
    .where((eb) => ('id' in name ? eb('anchor', '=', name.id) : eb('user_name', '=', name.login)))
    .orderBy('anchor')
    .limit(MOST)
    .execute();
  return rows.map((row) => person(row, 'parked'));
}

/** Whoever is ignored can be released, although nothing else may know him any more. */
async function everIgnored(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  if ('dnKey' in name) return [];
  const rows = await db
    .selectFrom('interventions')
    .select(['anchor', 'user_name', 'display_name', 'dn'])
    .where('sync', '=', sync)
    .where((eb) => ('id' in name ? eb('anchor', '=', name.id) : eb('user_name', '=', name.login)))
    .orderBy('at', 'desc')
    .orderBy('anchor')
    .limit(MOST)
    .execute();
  return rows.map((row) => person(row, 'ignored'));
}

async function desired(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  if ('dnKey' in name) return [];
  const rows = await db
    .selectFrom('runs as r')
    .innerJoin('desired_rows as d', 'd.run_id', 'r.run_id')
    .select(['d.anchor', 'd.login as user_name', 'd.display_name', 'd.dn'])
    .where('r.sync', '=', sync)
    .where((eb) => ('id' in name ? eb('d.anchor', '=', name.id) : eb('d.login', '=', name.login)))
    .orderBy('r.number', 'desc')
    .orderBy('d.anchor')
    .limit(MOST)
    .execute();
  return rows.map((row) => person(row, 'desired'));
}

/** In complete reads that are still stored: who was swept but never read in full is known by DN and anchor alone. */
async function read(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  if ('login' in name) return [];
  const rows = await db
    .selectFrom('runs as r')
    .innerJoin('staging_reads as s', 's.run_id', 'r.run_id')
    .innerJoin('staging_entries as e', (join) =>
      join
        .onRef('e.run_id', '=', 's.run_id')
        .onRef('e.directory', '=', 's.directory')
        .onRef('e.attempt', '=', 's.attempt'),
    )
    .select(['e.anchor', 'e.entry'])
    .where('r.sync', '=', sync)
    .where('s.complete', '=', 1)
    .where((eb) => ('id' in name ? eb('e.anchor', '=', name.id) : eb('e.dn_key', '=', name.dnKey)))
    .orderBy('r.number', 'desc')
    .orderBy('e.anchor')
    .limit(MOST)
    .execute();
  return rows.map(({ anchor, entry }) => {
    const { dn } = fromJson<Entry>(entry);
    return person({ anchor, user_name: '', display_name: '', dn }, 'read');
  });
}

/** No index knows mail addresses: they stand in what was written. Pages keep the search from holding up a worker. */
async function linkedByMail(engine: Engine, sync: string, mail: string): Promise<KnownPerson[]> {
  const fetch = (after: string) =>
    engine.read((db) =>
      db
        .selectFrom('links')
        .select(['anchor', 'user_name', 'display_name', 'dn', 'written'])
        .where('sync', '=', sync)
        .where('anchor', '>', after)
        .orderBy('anchor')
        .limit(PAGE)
        .execute(),
    );
  const found: KnownPerson[] = [];
  for await (const page of keysetPages('', PAGE, fetch, (row) => row.anchor)) {
    for (const row of page) if (hasMail(row.written, mail)) found.push(person(row, 'link'));
    if (found.length >= MOST) break;
  }
  return found;
}

function hasMail(written: string, mail: string): boolean {
  const quoted = JSON.stringify(mail);
  if (!written.toLowerCase().includes(quoted)) return false;
  const emails = Object.entries(fromJson<WrittenValues>(written)).filter(([path]) => path.startsWith('emails'));
  return emails.some(([, value]) => JSON.stringify(value).toLowerCase().includes(quoted));
}

/** Somebody who was unlinked, or a login that somebody had once. */
async function audited(db: Reader, sync: string, name: PersonName): Promise<KnownPerson[]> {
  if ('dnKey' in name) return [];
  const rows = await db
    .selectFrom('audit as a')
    .leftJoin('links as l', (join) => join.onRef('l.sync', '=', 'a.sync').onRef('l.anchor', '=', 'a.anchor'))
    .select(['a.anchor', 'a.user_name', 'l.user_name as present', 'l.display_name', 'l.dn'])
    .where('a.sync', '=', sync)
    .where((eb) => {
      if ('login' in name) return eb('a.user_name', '=', name.login);
      return eb.or([eb('a.anchor', '=', name.id), eb('a.genesys_id', '=', name.id)]);
    })
    .orderBy('a.at', 'desc')
    .limit(MOST)
    .execute();
  return rows.map((row) => {
    const { anchor, present, user_name, display_name, dn } = row;
    return person({ anchor, user_name: present ?? user_name, display_name: display_name ?? '', dn: dn ?? '' }, 'audit');
  });
}

function person(
  row: { anchor: string; user_name: string; display_name: string; dn: string },
  via: KnownPerson['via'],
): KnownPerson {
  return { anchor: row.anchor, userName: row.user_name, displayName: row.display_name, dn: row.dn, via };
}

async function lastNotes(db: Reader, sync: string, anchor: Anchor): Promise<{ run: RunRow; notes: RunNote[] } | null> {
  const run = await db
    .selectFrom('runs as r')
    .selectAll('r')
    .where('r.sync', '=', sync)
    .where('r.mode', '<>', 'preview')
    .where(
      sql<boolean>`(exists (select 1 from desired_rows as d where d.run_id = r.run_id and d.anchor = ${anchor})
        or exists (select 1 from run_notes as n where n.run_id = r.run_id and n.anchor = ${anchor}))`,
    )
    .orderBy('r.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (run === undefined) return null;
  const notes = await db
    .selectFrom('run_notes')
    .select(['anchor', 'dn', 'severity', 'attribute', 'problem'])
    .where('run_id', '=', run.run_id)
    .where('anchor', '=', anchor)
    .orderBy('position')
    .execute();
  return { run: toRun(run), notes };
}
