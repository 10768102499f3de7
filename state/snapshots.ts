import type { Anchor } from '../model/entry.ts';
import type { ScimUser } from '../model/user.ts';
import { fromJson, type StoreContext } from './store-context.ts';

/** A user as SCIM showed him before a run took something from him for good. */
export interface Snapshot {
  sync: string;
  runId: string;
  genesysId: string;
  /** Whose Genesys user it was then. */
  anchor: Anchor;
  user: ScimUser;
  at: string;
}

/** Pictures of users before they are retired: roles, division, skills and the rest of what SCIM tells. */
export interface SnapshotStore {
  /** Keeps the first one that a run takes of a user; a later one of the same run changes nothing. */
  keep(snapshot: Omit<Snapshot, 'at'>): Promise<void>;
  /** What this run saw of the user; null when it took no picture. */
  ofRun(sync: string, genesysId: string, runId: string): Promise<Snapshot | null>;
}

export function snapshotStore({ engine, now }: StoreContext): SnapshotStore {
  return {
    keep: async ({ sync, runId, genesysId, anchor, user }) => {
      const row = { sync, genesys_id: genesysId, run_id: runId, anchor, scim_user: JSON.stringify(user), at: now() };
      await engine.write((trx) =>
        trx
          .insertInto('snapshots')
          .values(row)
          // A repeated step may look after its own write: the first picture is the one from before.
          .onConflict((oc) => oc.doNothing())
          .execute(),
      );
    },
    ofRun: async (sync, genesysId, runId) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('snapshots')
          .selectAll()
          .where('sync', '=', sync)
          .where('genesys_id', '=', genesysId)
          .where('run_id', '=', runId)
          .executeTakeFirst(),
      );
      if (row === undefined) return null;
      const { anchor, scim_user: user, at } = row;
      return { sync, runId, genesysId, anchor, user: fromJson<ScimUser>(user), at };
    },
  };
}
