import { sql, type Selectable } from 'kysely';
import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import type { Ignore } from '../model/ignore.ts';
import { portions } from './batching.ts';
import type { Writer } from './engine.ts';
import type { KnownPerson } from './people.ts';
import type { InterventionsTable } from './schema.ts';
import type { StoreContext } from './store-context.ts';

/** Somebody whom runs leave alone now. */
export interface IgnoredPerson extends Omit<KnownPerson, 'via'>, Ignore {}

/** One entry of the lasting record of what operators decided about a person. */
export interface Intervention {
  at: string;
  actor: string;
  action: 'ignore' | 'release';
  /** Null only for a release that nobody explained. */
  reason: string | null;
  /** Until when he was to be ignored; null for a release. */
  until: string | null;
}

/** What a release did. Both are false or null for somebody who was neither ignored nor parked: nothing is recorded then. */
export interface Released {
  ignoreEnded: boolean;
  /** The kind of his parked change, which is due at once; null where none is parked. */
  due: ChangeKind | null;
}

export interface IgnoreStore {
  /** Lets runs planned from now on leave somebody alone; a later word replaces an earlier one. */
  ignore(
    sync: string,
    person: Omit<KnownPerson, 'via'>,
    word: { until: string; reason: string; actor: string },
  ): Promise<IgnoredPerson>;
  /** Ends an ignore and makes a parked change due at once, as if it had never been tried. */
  release(
    sync: string,
    person: Omit<KnownPerson, 'via'>,
    word: { actor: string; reason: string | null },
  ): Promise<Released>;
  /** Everybody ignored now, in order of anchor. */
  list(sync: string): Promise<IgnoredPerson[]>;
  /** Those of these people who are ignored now. */
  byAnchor(sync: string, anchors: readonly Anchor[]): Promise<Map<Anchor, Ignore>>;
  /** What was decided about a person, oldest first. */
  history(sync: string, anchor: Anchor): Promise<Intervention[]>;
}

export function ignoreStore({ engine, now }: StoreContext): IgnoreStore {
  return {
    ignore: (sync, { anchor, userName, displayName, dn }, word) =>
      engine.write(
        async (trx) => {
          const parkedKind = await parkedKindOf(trx, sync, anchor);
          const person = { anchor, userName, displayName, dn };
          const said: Ignore = { ...word, at: now(), parkedKind };
          await record(trx, sync, person, { action: 'ignore', ...said });
          return { ...person, ...said };
        },
        { serializable: true },
      ),
    release: (sync, person, word) =>
      engine.write((trx) => release(trx, sync, person, { ...word, at: now() }), { serializable: true }),
    list: (sync) =>
      engine.read(async (db) => {
        const query = sql<Row>`select * from interventions as i where ${stands(sync, now())} order by i.anchor`;
        return (await query.execute(db)).rows.map(toIgnored);
      }),
    byAnchor: async (sync, anchors) => {
      const found = new Map<Anchor, Ignore>();
      for (const portion of portions([...new Set(anchors)])) {
        const query = sql<Row>`select * from interventions as i
          where ${stands(sync, now())} and i.anchor in (${sql.join(portion)})`;
        for (const row of (await engine.read((db) => query.execute(db))).rows) found.set(row.anchor, toIgnored(row));
      }
      return found;
    },
    history: (sync, anchor) =>
      engine.read((db) =>
        db
          .selectFrom('interventions')
          .select(['at', 'actor', 'action', 'reason', 'until'])
          .where('sync', '=', sync)
          .where('anchor', '=', anchor)
          .orderBy('number')
          .execute(),
      ),
  };
}

type Row = Selectable<InterventionsTable>;

/** That row `i` is somebody's newest, an ignore, and not over yet. */
function stands(sync: string, now: string) {
  return sql<boolean>`i.sync = ${sync} and i.action = 'ignore' and i.until > ${now}
    and not exists (select 1 from interventions as later
      where later.sync = i.sync and later.anchor = i.anchor and later.number > i.number)`;
}

/** A condition: that nobody ignored now has the anchor in this column. */
export function isNotIgnored(anchorColumn: string, sync: string, now: string) {
  return sql<boolean>`${sql.ref(anchorColumn)} not in (select i.anchor from interventions as i where ${stands(sync, now)})`;
}

type Word = { actor: string; reason: string | null; at: string };

async function release(
  trx: Writer,
  sync: string,
  person: Omit<KnownPerson, 'via'>,
  { at, ...word }: Word,
): Promise<Released> {
  const query = sql<Row>`select * from interventions as i where ${stands(sync, at)} and i.anchor = ${person.anchor}`;
  const ignoreEnded = (await query.execute(trx)).rows.length > 0;
  const due = await parkedKindOf(trx, sync, person.anchor);
  if (!ignoreEnded && due === null) return { ignoreEnded, due };
  await trx
    .updateTable('parked')
    .set({ attempts: 0, next_attempt_at: at })
    .where('sync', '=', sync)
    .where('anchor', '=', person.anchor)
    .execute();
  await record(trx, sync, person, { action: 'release', ...word, at, until: null, parkedKind: due });
  return { ignoreEnded, due };
}

async function parkedKindOf(trx: Writer, sync: string, anchor: Anchor): Promise<ChangeKind | null> {
  const query = trx.selectFrom('parked').select('kind').where('sync', '=', sync).where('anchor', '=', anchor);
  return (await query.executeTakeFirst())?.kind ?? null;
}

async function record(
  trx: Writer,
  sync: string,
  person: Omit<KnownPerson, 'via'>,
  said: Intervention & { parkedKind: ChangeKind | null },
): Promise<void> {
  const last = await trx
    .selectFrom('interventions')
    .select((eb) => eb.fn.max('number').as('number'))
    .where('sync', '=', sync)
    .where('anchor', '=', person.anchor)
    .executeTakeFirst();
  const { at, actor, action, reason, until, parkedKind } = said;
  const who = { anchor: person.anchor, user_name: person.userName, display_name: person.displayName, dn: person.dn };
  const number = (last?.number ?? 0) + 1;
  await trx
    .insertInto('interventions')
    .values({ sync, number, ...who, at, actor, action, reason, until, parked_kind: parkedKind })
    .execute();
}

/** Of a row that stands: it has a reason and an end. */
function toIgnored(row: Row): IgnoredPerson {
  return {
    anchor: row.anchor,
    userName: row.user_name,
    displayName: row.display_name,
    dn: row.dn,
    until: row.until ?? row.at,
    reason: row.reason ?? '',
    actor: row.actor,
    at: row.at,
    parkedKind: row.parked_kind,
  };
}
