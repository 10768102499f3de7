import { sql } from 'kysely';
import { inPortions } from './batching.ts';
import type { ChangeStore } from './state.ts';
import type { StoreContext } from './store-context.ts';

type HandOvers = Pick<ChangeStore, 'handOvers' | 'holdPeople' | 'countRetiredLeavers' | 'dropRetiredLeavers'>;

/** What the plan knows about logins that change hands, and about users whom a recycle takes out of use. */
export function handOvers({ engine }: StoreContext): HandOvers {
  return {
    handOvers: async (runId) => {
      const rows = await engine.read((db) =>
        db
          .selectFrom('changes')
          .select(['anchor', 'kind', 'genesys_id', 'awaits', 'frees', 'held_because'])
          .where('run_id', '=', runId)
          .where('status', '=', 'planned')
          .where((eb) => eb.or([eb('awaits', 'is not', null), eb('frees', '=', 1), eb('part', '>', 0)]))
          .orderBy('anchor')
          .orderBy('part')
          .execute(),
      );
      return rows.map(({ anchor, kind, genesys_id: genesysId, awaits, frees, held_because: heldBecause }) => {
        return { anchor, kind, genesysId, awaits, frees: frees === 1, heldBecause };
      });
    },
    holdPeople: (runId, anchors, because) =>
      inPortions(anchors, 1, (portion) =>
        engine.write((trx) =>
          trx
            .updateTable('changes')
            .set({ held_because: because })
            .where('run_id', '=', runId)
            .where('status', '=', 'planned')
            .where('anchor', 'in', portion)
            .execute(),
        ),
      ),
    countRetiredLeavers: (runId) =>
      engine.read(async (db) => {
        const counted = db.selectFrom('changes').select((eb) => eb.fn.countAll<number>().as('count'));
        return (await counted.where(retiredLeaver(runId)).where(surely(runId)).executeTakeFirstOrThrow()).count;
      }),
    dropRetiredLeavers: (runId) =>
      engine.write(async (trx) => {
        await trx.deleteFrom('changes').where(retiredLeaver(runId)).execute();
      }),
  };
}

/** A deactivation of a user who is retired by the same plan, which makes him inactive as well. */
const retiredLeaver = (runId: string) => sql<boolean>`run_id = ${runId} and kind = 'deactivate' and status = 'planned'
  and genesys_id in (select genesys_id from changes
    where run_id = ${runId} and kind = 'recycle' and status = 'planned' and held_because is null)`;

/** Not yet sure of one who is retired for a change that may still have to wait, and he with it. */
const surely = (runId: string) => sql<boolean>`not exists (select 1 from changes as r
  where r.run_id = ${runId} and r.kind = 'recycle' and r.anchor = changes.anchor)`;
