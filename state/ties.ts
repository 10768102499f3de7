import { sql, type Selectable } from 'kysely';
import type { Anchor } from '../model/entry.ts';
import type { Link } from '../model/user.ts';
import { portions } from './batching.ts';
import type { Reader, Writer } from './engine.ts';
import { toLink } from './links.ts';
import type { KnownPerson } from './people.ts';
import type { TiesTable } from './schema.ts';
import type { StoreContext } from './store-context.ts';

/** A word by which somebody tied a person to a Genesys user. */
export interface Tie {
  genesysId: string;
  reason: string;
  actor: string;
}

/** One entry of the lasting record of who was tied to whom, or untied, by hand. */
export interface TieDecision extends Tie {
  at: string;
  action: 'link' | 'unlink';
}

export interface TieStore {
  /** Ties a person to a Genesys user: runs that find him without a link take that user over. A later word replaces it. */
  tie(sync: string, person: Omit<KnownPerson, 'via'>, tie: Tie): Promise<void>;
  /**
   * Forgets a person's link, or takes back a tie that no run has carried out. `busy`: a change of the person is being
   * written; `none`: there is nothing to forget.
   */
  untie(
    sync: string,
    person: Omit<KnownPerson, 'via'>,
    word: { reason: string; actor: string },
  ): Promise<{ link: Link | null; genesysId: string } | 'busy' | 'none'>;
  /** Those of these people whose newest word is a tie. */
  byAnchor(sync: string, anchors: readonly Anchor[]): Promise<Map<Anchor, Tie>>;
  /** What was decided about a person, oldest first. */
  history(sync: string, anchor: Anchor): Promise<TieDecision[]>;
}

export function tieStore({ engine, now }: StoreContext): TieStore {
  return {
    tie: async (sync, person, tie) => {
      await engine.write(
        async (trx) => {
          // The step that ties may be carried out twice.
          if ((await newest(trx, sync, [person.anchor])).get(person.anchor)?.genesysId === tie.genesysId) return;
          await record(trx, sync, person, { action: 'link', ...tie, at: now() });
        },
        { serializable: true },
      );
    },
    untie: (sync, person, word) =>
      engine.write((trx) => untie(trx, sync, person, { ...word, at: now() }), { serializable: true }),
    byAnchor: async (sync, anchors) => {
      const found = new Map<Anchor, Tie>();
      for (const portion of portions([...new Set(anchors)])) {
        for (const [anchor, tie] of await engine.read((db) => newest(db, sync, portion))) found.set(anchor, tie);
      }
      return found;
    },
    history: (sync, anchor) =>
      engine.read((db) =>
        db
          .selectFrom('ties')
          .select(['at', 'actor', 'action', 'reason', 'genesys_id as genesysId'])
          .where('sync', '=', sync)
          .where('anchor', '=', anchor)
          .orderBy('number')
          .execute(),
      ),
  };
}

async function newest(db: Reader, sync: string, anchors: readonly Anchor[]): Promise<Map<Anchor, Tie>> {
  const query = sql<Selectable<TiesTable>>`select * from ties as t
    where t.sync = ${sync} and t.action = 'link' and t.anchor in (${sql.join(anchors)})
      and not exists (select 1 from ties as later
        where later.sync = t.sync and later.anchor = t.anchor and later.number > t.number)`;
  const { rows } = await query.execute(db);
  return new Map(
    rows.map(({ anchor, genesys_id: genesysId, reason, actor }) => [anchor, { genesysId, reason, actor }]),
  );
}

async function untie(
  trx: Writer,
  sync: string,
  person: Omit<KnownPerson, 'via'>,
  word: { reason: string; actor: string; at: string },
): ReturnType<TieStore['untie']> {
  const { anchor } = person;
  if (await isBeingWritten(trx, sync, anchor)) return 'busy';
  const row = await trx
    .selectFrom('links')
    .selectAll()
    .where('sync', '=', sync)
    .where('anchor', '=', anchor)
    .executeTakeFirst();
  const genesysId = row?.genesys_id ?? (await newest(trx, sync, [anchor])).get(anchor)?.genesysId;
  if (genesysId === undefined) return 'none';
  await trx.deleteFrom('links').where('sync', '=', sync).where('anchor', '=', anchor).execute();
  // What failed was about the user who is forgotten.
  await trx.deleteFrom('parked').where('sync', '=', sync).where('anchor', '=', anchor).execute();
  await record(trx, sync, person, { action: 'unlink', genesysId, ...word });
  return { link: row === undefined ? null : toLink(row), genesysId };
}

/** A change of the person, or one that takes his login or his link for somebody else. */
async function isBeingWritten(trx: Writer, sync: string, anchor: Anchor): Promise<boolean> {
  const row = await trx
    .selectFrom('changes as c')
    .select('c.anchor')
    .where('c.sync', '=', sync)
    // Spelled out, since a parameter would keep SQLite from using the partial index.
    .where('c.status', '=', sql.lit('writing'))
    .where(
      sql<boolean>`(c.anchor = ${anchor} or exists (select 1 from links as l
        where l.sync = c.sync and l.anchor = ${anchor} and l.genesys_id = c.genesys_id))`,
    )
    .executeTakeFirst();
  return row !== undefined;
}

async function record(
  trx: Writer,
  sync: string,
  { anchor, userName, displayName, dn }: Omit<KnownPerson, 'via'>,
  { genesysId, ...said }: TieDecision,
): Promise<void> {
  const last = await trx
    .selectFrom('ties')
    .select((eb) => eb.fn.max('number').as('number'))
    .where('sync', '=', sync)
    .where('anchor', '=', anchor)
    .executeTakeFirst();
  const who = { anchor, user_name: userName, display_name: displayName, dn };
  await trx
    .insertInto('ties')
    .values({ sync, number: (last?.number ?? 0) + 1, ...who, ...said, genesys_id: genesysId })
    .execute();
}
