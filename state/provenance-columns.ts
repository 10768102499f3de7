import type { Provenance } from '../model/entry.ts';
import { fromJson } from './store-context.ts';

/** Where an entry comes from, as `desired_rows` and `links` hold it. */
export type ProvenanceColumns = Record<'sid' | 'former_sids' | 'entry_created_at', string | null>;

/** Null stands for whatever no read had, an empty list included. */
export function provenanceColumns(provenance: Provenance | undefined): ProvenanceColumns {
  const { sid = null, formerSids = [], createdAt = null } = provenance ?? {};
  return { sid, former_sids: formerSids.length === 0 ? null : JSON.stringify(formerSids), entry_created_at: createdAt };
}

export function toProvenance({
  sid,
  former_sids,
  entry_created_at: createdAt,
}: ProvenanceColumns): Provenance | undefined {
  if (sid === null && former_sids === null && createdAt === null) return undefined;
  return { sid, formerSids: fromJson<string[]>(former_sids) ?? [], createdAt };
}
