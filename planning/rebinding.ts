import type { Anchor } from '../model/entry.ts';
import type { RebindKey } from '../model/run.ts';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import type { DesiredUser, Link, ScimValue } from '../model/user.ts';
import { writtenAt } from './slot.ts';

const EMPLOYEE_NUMBER = `${ENTERPRISE_USER}:employeeNumber`;

/** By what a linked person is found again, as last written; null where he has none. */
export function keyOfLink(link: Link, by: RebindKey): string | null {
  return by === 'userName' ? keyOf(link.userName) : keyOf(writtenAt(link.written, EMPLOYEE_NUMBER));
}

/** The same of an entry. */
export function keyOfEntry(desired: DesiredUser, by: RebindKey): string | null {
  if (by === 'userName') return keyOf(desired.userName);
  return keyOf(desired.attributes.find(({ path }) => path === EMPLOYEE_NUMBER)?.value ?? null);
}

/** Keys that are one but for case or spaces around them are never guessed to be two people. */
function keyOf(value: ScimValue | null): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const key = String(value).trim().toLowerCase();
  return key === '' ? null : key;
}

/** Who has a key: anchors of linked people who were not read, and of entries without a link. */
export interface Namesakes {
  old: Anchor[];
  new: Anchor[];
}

export interface Matches {
  /** The old anchor of each new one whose key nobody else has on either side. */
  pairs: Map<Anchor, Anchor>;
  /** How many have the key of a new anchor that matches, but not one to one. */
  ambiguous: Map<Anchor, { old: number; new: number }>;
}

/** Finds linked people under their new anchors. Whose key nobody else has at all is nobody's business. */
export function matchAnchors(byKey: ReadonlyMap<string, Namesakes>): Matches {
  const matches: Matches = { pairs: new Map(), ambiguous: new Map() };
  for (const namesakes of byKey.values()) {
    const [old, ...others] = namesakes.old;
    if (old === undefined) continue;
    for (const anchor of namesakes.new) {
      if (others.length === 0 && namesakes.new.length === 1) matches.pairs.set(anchor, old);
      else matches.ambiguous.set(anchor, { old: namesakes.old.length, new: namesakes.new.length });
    }
  }
  return matches;
}
