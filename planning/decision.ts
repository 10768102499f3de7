import type { Candidate, LoginHolder } from '../model/candidate.ts';
import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor, Sighting } from '../model/entry.ts';
import type { Settings } from '../model/settings.ts';
import type { Problem, ScimUser } from '../model/user.ts';
import type { Drift } from './diff.ts';
import type { Protection } from './protect.ts';
import type { References } from './references.ts';

/**
 * What a second look by anchor, without scope, over all directories found of somebody absent from the read: `gone` =
 * nowhere; `unproved` = the look was not made or failed.
 */
export type Absence = Sighting | 'gone' | 'unproved';

/** What a decision needs to know besides the person himself. */
export interface DecisionContext {
  /** Who else has or wants the login that the person shall have. */
  holders: readonly LoginHolder[];
  /** What a second look found of him; null for people who are in the read. */
  sighting: Absence | null;
  /** The same of somebody who holds the login and was not read. */
  sightingOf(anchor: Anchor): Absence;
  /** True for a login that any user or entry has or wants, retired ones included, or that this plan gave away. */
  isTaken(login: string): boolean;
  references: References;
  /** True for a person whose create is planned in this run. */
  coming(anchor: Anchor): boolean;
  leavers: Omit<Settings['leavers'], 'restoreOnReturn'>;
  /** Policies of section `identity`; `personKey` as SCIM paths. */
  identity: Settings['identity'];
  protect: Protection;
  drift: Drift;
  /**
   * True when directories, mapping or scope are not those under which the person was last seen in scope and active: he may
   * count as a leaver because of that alone.
   */
  configChanged: boolean;
  /** Genesys users, linked to nobody, who carry the person's anchor as an external id. */
  carriers: readonly ScimUser[];
  /** Genesys users, linked to nobody, whose SCIM external id is the one that the person shall have and no anchor. */
  namesakes: readonly ScimUser[];
  /** To whom the person was tied by hand; absent: to nobody. He is the only one of `carriers` then. */
  tied?: TiedUser;
  /** Genesys ids of deleted accounts that an earlier create for this person brought back to life. */
  revived: ReadonlySet<string>;
}

/** A Genesys user, linked to nobody, to whom somebody tied a person by hand. */
export interface TiedUser {
  user: ScimUser;
  /** Why, in the words of who did it. */
  reason: string;
}

/** What a run does about one person. */
export interface Decision {
  change: PlannedChange | null;
  /** What a report tells about him although nothing is done. */
  notes: Problem[];
  /** Paths whose value somebody changed in Genesys Cloud, where the drift policy is to report it. */
  drifted: string[];
}

export const NOTHING: Decision = { change: null, notes: [], drifted: [] };

export function note(attribute: string, problem: string): Problem {
  return { attribute, problem };
}

export function noted(problem: string): Decision {
  return { ...NOTHING, notes: [note('active', problem)] };
}

/** A decision for a change; `details` say what is special about it. */
export function planned(
  candidate: Candidate,
  kind: ChangeKind,
  reason: string,
  details: Partial<PlannedChange>,
): Decision {
  const { anchor, directory, dn, desired, link } = candidate;
  const change: PlannedChange = {
    anchor,
    kind,
    genesysId: link?.genesysId ?? null,
    directory,
    dn,
    userName: desired?.userName ?? link?.userName ?? '',
    displayName: desired?.displayName ?? link?.displayName ?? '',
    reason,
    before: null,
    after: null,
    desired,
    operations: null,
    absent: false,
    heldBecause: null,
    parked: null,
    ...details,
  };
  return { change, notes: [], drifted: [] };
}
