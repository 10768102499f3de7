import type { Anchor } from '../model/entry.ts';
import type { NamedBy } from '../model/named-by.ts';
import type { StoreContext } from './store-context.ts';

/** A Genesys user by whom a person is to be linked by hand. */
export interface AskedTie {
  /** Id or login. */
  user: string;
  reason: string;
}

export interface Asked {
  name: NamedBy | null;
  anchor: Anchor | null;
  /** Absent for a run that links nobody by hand. */
  tie?: AskedTie;
}

/** Whom runs on one person are about: names of people reach a run through here, never through Temporal. */
export interface AskedStore {
  /** Says before a run starts whom it is asked about. */
  ask(runId: string, sync: string, name: NamedBy): Promise<void>;
  /** Says before a run starts to which Genesys user it is to link its person. */
  askTie(runId: string, sync: string, tie: AskedTie): Promise<void>;
  /** What is known of the person of a run; null when nothing was asked under that id. */
  get(runId: string): Promise<Asked | null>;
  /** Notes who that is; the name is not kept. */
  answer(runId: string, sync: string, anchor: Anchor): Promise<void>;
  forget(runId: string): Promise<void>;
}

export function askedStore({ engine }: StoreContext): AskedStore {
  return {
    ask: async (runId, sync, { way, text }) => {
      const row = { run_id: runId, sync, way, named: text, anchor: null };
      await engine.write((trx) =>
        trx
          .insertInto('asked_people')
          .values(row)
          .onConflict((oc) => oc.doNothing())
          .execute(),
      );
    },
    askTie: async (runId, sync, { user, reason }) => {
      const tie = { genesys_user: user, tie_reason: reason };
      await engine.write((trx) =>
        trx
          .insertInto('asked_people')
          .values({ run_id: runId, sync, way: null, named: null, anchor: null, ...tie })
          .onConflict((oc) => oc.column('run_id').doUpdateSet(tie))
          .execute(),
      );
    },
    get: async (runId) => {
      const row = await engine.read((db) =>
        db.selectFrom('asked_people').selectAll().where('run_id', '=', runId).executeTakeFirst(),
      );
      if (row === undefined) return null;
      const { way, named, anchor, genesys_user: user, tie_reason: reason } = row;
      const name = way === null || named === null ? null : { way, text: named };
      return { name, anchor, ...(user === null ? {} : { tie: { user, reason: reason ?? '' } }) };
    },
    answer: async (runId, sync, anchor) => {
      const known = { way: null, named: null, anchor };
      await engine.write((trx) =>
        trx
          .insertInto('asked_people')
          .values({ run_id: runId, sync, ...known })
          .onConflict((oc) => oc.column('run_id').doUpdateSet(known))
          .execute(),
      );
    },
    forget: async (runId) => {
      await engine.write((trx) => trx.deleteFrom('asked_people').where('run_id', '=', runId).execute());
    },
  };
}
