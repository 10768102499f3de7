import type { Candidate } from '../model/candidate.ts';
import type { PlannedChange } from '../model/change.ts';
import type { Settings } from '../model/settings.ts';
import type { DesiredUser, Link, ScimUser, WrittenValues } from '../model/user.ts';
import { sameValue } from './compare.ts';
import type { References } from './references.ts';
import { writtenValues } from './requests.ts';
import { deletedHeld } from './sentences.ts';
import { pathOf, slotAt } from './slot.ts';
import { presentValues } from './values.ts';

const DELETED = 'his user was deleted in Genesys Cloud';

/** Who shall have a user and has none: nobody was ever linked to the person, or somebody deleted that user. */
export function lacksUser({ link, deleted, desired }: Pick<Candidate, 'link' | 'deleted' | 'desired'>): boolean {
  return link === null || (deleted && desired?.active === true);
}

/** Whether a create makes somebody anew whose user was deleted in Genesys Cloud: he is linked to that user until then. */
export function makesAnew({ kind, genesysId }: Pick<PlannedChange, 'kind' | 'genesysId'>): boolean {
  return kind === 'create' && genesysId !== null;
}

/**
 * Makes of a decision as for somebody new the one for a person whose user was deleted: it says so, and waits for a person
 * where `identity.onDeletedUser` is to hold, since somebody wanted that user away. A user found by the anchor waits for
 * nobody: he cannot be anybody else's.
 */
export function inPlaceOfDeleted(
  change: PlannedChange,
  link: Link,
  onDeletedUser: Settings['identity']['onDeletedUser'],
): PlannedChange {
  const waits = onDeletedUser === 'hold' && change.match?.by !== 'anchor';
  const more = { heldBecause: change.heldBecause ?? (waits ? deletedHeld(change.kind) : null) };
  if (change.kind !== 'create') return { ...change, ...more, reason: `${DELETED}; ${change.reason}` };
  const paths = Object.keys(change.after ?? {}).filter((path) => path !== 'active');
  const before = { ...presentValues(paths, { written: link.written, actual: null }), active: false };
  return { ...change, ...more, reason: DELETED, before };
}

/**
 * What stands as written about an account that Genesys Cloud brought back instead of making a new user: of what is wanted,
 * and of what Rollcall wrote before, as much as the account shows. The rest of the one is yet to be written, the rest of
 * the other somebody else's.
 */
export function writtenAsShown(
  desired: DesiredUser,
  before: WrittenValues,
  references: References,
  actual: ScimUser,
): WrittenValues {
  const wanted = writtenValues(desired, references);
  const shown = Object.entries({ ...before, ...wanted }).flatMap(([path, value]) => {
    const { actual: now } = slotAt(path, pathOf(path), { written: null, actual });
    const known = [value, before[path] ?? value];
    const stands = now === undefined ? value : known.find((one) => sameValue(pathOf(path), one, now));
    return stands === undefined ? [] : [[path, stands] as const];
  });
  return Object.fromEntries(shown);
}
