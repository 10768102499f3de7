import type { DesiredUser } from '../model/user.ts';
import { inPortions, lastOfEach } from './batching.ts';
import { candidatePages, countUnchanged } from './candidates.ts';
import { dropRows } from './dropping.ts';
import type { Writer } from './engine.ts';
import { hashDesired } from './hash.ts';
import { provenanceColumns } from './provenance-columns.ts';
import { holdersById, loginHolders, takenLogins } from './holders.ts';
import { absentLinkPages, newcomerPages, replacedAnchors } from './replaced-anchors.ts';
import type { DesiredRow, DesiredStore } from './state.ts';
import { fromJson, loginKey, type StoreContext } from './store-context.ts';

export function desiredStore({ engine }: StoreContext): DesiredStore {
  return {
    begin: (runId) => dropRows(engine, 'desired_rows', 'anchor', { runId }),
    add: (runId, rows) =>
      inPortions(
        lastOfEach(rows, (row) => row.anchor),
        14,
        (portion) => engine.write((trx) => insert(trx, runId, portion)),
      ),
    candidates: (runId, sync, options) => candidatePages(engine, runId, sync, options),
    unchanged: (runId, sync, options) => countUnchanged(engine, { runId, sync }, options),
    keepOnly: async (runId, anchors) => {
      const kept = new Set(anchors);
      const rows = await engine.read((db) =>
        db.selectFrom('desired_rows').select('anchor').where('run_id', '=', runId).execute(),
      );
      const others = rows.map(({ anchor }) => anchor).filter((anchor) => !kept.has(anchor));
      await inPortions(others, 1, (portion) =>
        engine.write((trx) =>
          trx.deleteFrom('desired_rows').where('run_id', '=', runId).where('anchor', 'in', portion).execute(),
        ),
      );
    },
    holders: (runId, sync, userNames) => loginHolders(engine, runId, sync, userNames),
    holdersById: (runId, sync, genesysIds) => holdersById(engine, runId, sync, genesysIds),
    takenLogins: (runId, sync, userNames) => takenLogins(engine, runId, sync, userNames),
    replacedAnchors: (runId, sync, directories) => replacedAnchors(engine, runId, sync, directories),
    absentLinks: (runId, sync, directories, anchors) => absentLinkPages(engine, runId, sync, directories, anchors),
    withoutLink: (runId, sync) => newcomerPages(engine, runId, sync),
    get: async (runId, anchor) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('desired_rows')
          .select('desired')
          .where('run_id', '=', runId)
          .where('anchor', '=', anchor)
          .executeTakeFirst(),
      );
      return fromJson<DesiredUser>(row?.desired ?? null);
    },
  };
}

async function insert(trx: Writer, runId: string, rows: DesiredRow[]): Promise<void> {
  await trx
    .insertInto('desired_rows')
    .values(rows.map((row) => ({ run_id: runId, ...columnsOf(row) })))
    .onConflict((oc) =>
      oc.columns(['run_id', 'anchor']).doUpdateSet((eb) => ({
        directory: eb.ref('excluded.directory'),
        dn: eb.ref('excluded.dn'),
        valid: eb.ref('excluded.valid'),
        active: eb.ref('excluded.active'),
        login: eb.ref('excluded.login'),
        display_name: eb.ref('excluded.display_name'),
        hash: eb.ref('excluded.hash'),
        desired: eb.ref('excluded.desired'),
        problems: eb.ref('excluded.problems'),
        disabled_because: eb.ref('excluded.disabled_because'),
        sid: eb.ref('excluded.sid'),
        former_sids: eb.ref('excluded.former_sids'),
        entry_created_at: eb.ref('excluded.entry_created_at'),
      })),
    )
    .execute();
}

function columnsOf({ anchor, directory, dn, desired, problems, disabledBecause, provenance }: DesiredRow) {
  return {
    anchor,
    directory,
    dn,
    valid: desired === null ? 0 : 1,
    active: desired?.active === true ? 1 : 0,
    login: desired === null ? '' : loginKey(desired.userName),
    display_name: desired?.displayName ?? '',
    hash: desired === null ? '' : hashDesired(desired),
    desired: desired === null ? null : JSON.stringify(desired),
    problems: JSON.stringify(problems),
    disabled_because: disabledBecause,
    ...provenanceColumns(provenance),
  };
}
