import type { Provenance } from '../model/entry.ts';
import type { RawAttributes } from './attributes.ts';
import { sidOf } from './sid.ts';
import { generalizedTime, isoTime } from './times.ts';
import type { Vendor } from './vendors.ts';

/**
 * What the server notes about where an entry comes from. Undefined where nothing of it could be read: that is no reason
 * to refuse the entry, there is only less to tell one person from another by.
 *
 * @param attributes those of `raw` that are text
 */
export function provenanceOf(
  raw: RawAttributes,
  attributes: Record<string, string[]>,
  { provenanceAttributes: names }: Pick<Vendor, 'provenanceAttributes'>,
): Provenance | undefined {
  const [sid = null] = sidsIn(raw, names.sid);
  const formerSids = sidsIn(raw, names.formerSids);
  const createdAt = timeIn(attributes, names.createdAt);
  return sid === null && formerSids.length === 0 && createdAt === null ? undefined : { sid, formerSids, createdAt };
}

function sidsIn(raw: RawAttributes, attribute: string | null): string[] {
  const values = attribute === null ? undefined : raw.get(attribute.toLowerCase());
  return (values ?? []).flatMap((value) => sidOf(value) ?? []);
}

function timeIn(attributes: Record<string, string[]>, attribute: string | null): string | null {
  const text = attribute === null ? undefined : attributes[attribute.toLowerCase()]?.[0];
  const time = text === undefined ? null : generalizedTime(text);
  return time === null ? null : isoTime(time);
}
