import { randomUUID } from 'node:crypto';
import type { Predecessor, Values } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { GenesysError } from '../model/errors.ts';
import type { Link, ScimUser } from '../model/user.ts';
import type { References } from '../planning/references.ts';
import { isProtected } from '../planning/protect.ts';
import { deletedInGenesys } from '../planning/sentences.ts';
import type { SentRequest } from '../state/state.ts';
import { absentManagers } from './absent-managers.ts';
import { recordWrite } from './record-write.ts';
import { claimWrite, lostClaim, parkWrite, type Attempt, type WriteResult } from './write-attempt.ts';

/** A request ready to be claimed and sent, with what it does to the user. */
export interface PreparedWrite {
  request: SentRequest;
  before: Values | null;
  after: Values | null;
  /** Of the user to whom the request goes; null where he has none yet. */
  link: Link | null;
  /** The person's link to a user who was deleted in Genesys Cloud, whose place another one takes; absent otherwise. */
  former?: Link;
  references: References;
  /** The version that the request was made from, where the user was just read. */
  version: string | null;
}

/** `ended`: nothing is left to send. */
export type Preparation = PreparedWrite | { ended: WriteResult };

/** The Genesys ids that people referred to have by now, or keep under a new anchor that this run gives them. */
export async function referencesOf({ dependencies, row }: Attempt): Promise<References> {
  const { changes, links } = dependencies.state;
  const anchors = row.change.desired?.attributes.flatMap((one) => one.reference ?? []) ?? [];
  const known = await links.byAnchor(row.sync, anchors);
  const others = anchors.filter((anchor) => !known.has(anchor));
  const rebound = others.length === 0 ? new Map<Anchor, string>() : await changes.rebound(row.runId, others);
  const idOf = (anchor: Anchor): string | null => known.get(anchor)?.genesysId ?? rebound.get(anchor) ?? null;
  const own = await links.byAnchor(row.sync, [row.change.anchor, row.change.predecessor?.anchor ?? []].flat());
  const absent = await absentManagers(dependencies, row, [...own.values()]);
  return { idOf, stillThere: (genesysId) => absent.has(genesysId) };
}

/** The user that a `recycle` retires or a `rebind` takes over. */
export function predecessorOf({ row }: Attempt): Predecessor {
  const { kind, predecessor } = row.change;
  if (predecessor === undefined) throw new Error(`a ${kind} without a predecessor`);
  return predecessor;
}

/** The predecessor's link as the plan knew it; null when it is gone, or his anchor has another user by now. */
export async function linkOfPredecessor(attempt: Attempt): Promise<Link | null> {
  const { anchor, genesysId } = predecessorOf(attempt);
  const links = await attempt.dependencies.state.links.byAnchor(attempt.row.sync, [anchor]);
  const link = links.get(anchor);
  return link?.genesysId === genesysId ? link : null;
}

/** Whether a user just read (null: deleted) may be written; one who may not ends the change. */
export async function admitted(
  attempt: Attempt,
  link: Link | null,
  actual: ScimUser | null,
): Promise<{ actual: ScimUser } | { ended: WriteResult }> {
  if (actual === null) return { ended: await endDeleted(attempt, null) };
  const { protect } = attempt.dependencies.settings.target;
  if (!isProtected({ desired: null, link, actual }, protect)) return { actual };
  return { ended: await supersede(attempt, 'the user is protected by target.protect') };
}

/** Records what a look found to be as wanted already; nothing is sent. */
export async function recordAsIs(attempt: Attempt, prepared: PreparedWrite, actual: ScimUser): Promise<WriteResult> {
  const token = randomUUID();
  const claimed = await claimWrite(attempt, token, prepared.request);
  if (claimed !== 'claimed') return lostClaim(attempt);
  return recordWrite(attempt, token, prepared, { user: actual, correlationId: null });
}

/** Makes a change void; with `token` only while that claim holds it. */
export async function supersede(attempt: Attempt, reason: string, token: string | null = null): Promise<WriteResult> {
  const ended = await attempt.dependencies.state.changes.supersedeOne(attempt.input, reason, token);
  return ended ? { outcome: 'superseded', correlationId: null } : lostClaim(attempt);
}

/**
 * Ends a change of a user who turned out to be deleted in Genesys Cloud. Nobody is made anew by it: whether that is to be
 * done is planned by a run, and decided on by the policy for it.
 */
export async function endDeleted(
  attempt: Attempt,
  token: string | null,
  correlationId: string | null = null,
): Promise<WriteResult> {
  const { change } = attempt.row;
  if (change.kind === 'deactivate') return supersede(attempt, ALREADY_DELETED, token);
  if (change.predecessor?.alone) return supersede(attempt, NOBODY_TO_RETIRE, token);
  const message = deletedInGenesys(change.kind, attempt.dependencies.settings.identity.onDeletedUser);
  return parkWrite(attempt, token, new GenesysError('genesys.not-found', message, { status: 404, correlationId }));
}

const ALREADY_DELETED = 'already deleted in Genesys Cloud, so nothing is left to deactivate';

const NOBODY_TO_RETIRE = 'the user who had this login was deleted in Genesys Cloud; nothing is left to retire';
