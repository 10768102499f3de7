import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Link } from '../model/user.ts';
import { makesAnew } from '../planning/deleted.ts';
import type { LinkStanding } from '../state/state.ts';

/** What a change has to mind because another run wrote the same person meanwhile. */
export interface Overtaken {
  /** Why the change is void; null when it is not. */
  reason: string | null;
  /** Whether the planned difference counts no more, so that it has to be made anew from a look at the user. */
  fresh: boolean;
}

/** Kinds for people who are linked to nobody yet. */
const MAKES_A_LINK: readonly ChangeKind[] = ['create', 'recycle', 'rebind'];

/** A planned change as far as it says how the person stood. */
type Supposing = Pick<PlannedChange, 'kind' | 'genesysId'>;

/**
 * A run of the sync and runs on one person go on side by side, each with what it read itself. No run writes over what
 * another wrote from a read that may be newer: the next run that reads the person compares again. Over an older read's
 * values it writes, as long as the person still stands as the kind of change supposes.
 *
 * @param link the person's link; null without one
 */
export function overtakenBy(
  change: Supposing,
  { stamp, overtaken, retired }: LinkStanding,
  link: Pick<Link, 'active' | 'genesysId'> | null,
): Overtaken {
  if (makesAnew(change)) return anewOvertaken(change, overtaken, link);
  const { kind } = change;
  if (MAKES_A_LINK.includes(kind) && stamp !== null) return voided('another run created this person meanwhile');
  if (overtaken === 'no') return { reason: null, fresh: false };
  if (retired) return voided("another run gave this person's login to somebody else meanwhile");
  if (overtaken === 'newer') return voided('another run wrote this person after this one had read the entry');
  if (kind === 'adopt') return voided('another run linked this person meanwhile');
  if (link?.active === false && kind !== 'reactivate') return voided('another run deactivated this person meanwhile');
  return { reason: null, fresh: true };
}

function anewOvertaken(
  { genesysId }: Supposing,
  overtaken: LinkStanding['overtaken'],
  link: Pick<Link, 'genesysId'> | null,
): Overtaken {
  if (link?.genesysId !== genesysId) return voided('the person was unlinked or got another user meanwhile');
  if (overtaken !== 'no') return voided('another run wrote this person meanwhile');
  return { reason: null, fresh: false };
}

function voided(reason: string): Overtaken {
  return { reason: `${reason}; a later run compares again`, fresh: false };
}
