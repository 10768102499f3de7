import { randomUUID } from 'node:crypto';
import type { Values } from '../model/change.ts';
import { GenesysError } from '../model/errors.ts';
import type { DesiredUser, Link, PatchOperation, ScimUser } from '../model/user.ts';
import { diffUser } from '../planning/diff.ts';
import type { References } from '../planning/references.ts';
import { isProtected } from '../planning/protect.ts';
import { ACTIVATION, createBody, deactivation, patchBody, reactivation } from '../planning/requests.ts';
import type { SentRequest } from '../state/state.ts';
import { overtakenBy } from './overtaken.ts';
import { recordWrite } from './record-write.ts';
import { claimWrite, lostClaim, parkWrite, type Attempt, type WriteResult } from './write-attempt.ts';

/** A request ready to be claimed and sent, with what it does to the user. */
export interface PreparedWrite {
  request: SentRequest;
  before: Values | null;
  after: Values | null;
  link: Link | null;
  references: References;
  /** The version that the request was made from, where the user was just read. */
  version: string | null;
}

interface Patch {
  operations: PatchOperation[];
  before: Values | null;
  after: Values | null;
}

/**
 * Makes the exact request of a change: as planned, with the ids of people created in earlier waves filled in; after a
 * fresh look at the user where the kind (reactivate) or a version clash (`fresh`) demands one. `ended`: nothing to send.
 */
export async function prepareWrite(
  attempt: Attempt,
  options: { fresh: boolean } = { fresh: false },
): Promise<PreparedWrite | { ended: WriteResult }> {
  const { dependencies, input, row } = attempt;
  const { sync, change } = row;
  const standing = await dependencies.state.links.standing(sync, change.anchor, input.runId);
  attempt.basis = standing.stamp;
  const link = (await dependencies.state.links.byAnchor(sync, [change.anchor])).get(change.anchor);
  const { reason, fresh } = overtakenBy(change.kind, standing, link?.active ?? null);
  if (reason !== null) return { ended: await supersede(attempt, reason) };
  return prepare(attempt, link, { fresh: options.fresh || fresh });
}

async function prepare(
  attempt: Attempt,
  link: Link | undefined,
  options: { fresh: boolean },
): Promise<PreparedWrite | { ended: WriteResult }> {
  const { dependencies, row } = attempt;
  const { change } = row;
  const references = await referencesOf(attempt);
  if (change.kind === 'create') {
    const { body } = createBody(wanted(change.desired), references);
    const request: SentRequest = { method: 'POST', genesysId: null, body };
    return { request, before: change.before, after: change.after, link: null, references, version: null };
  }
  if (change.kind === 'adopt') return prepareAdoption(attempt, references, options);
  if (link === undefined) return { ended: await supersede(attempt, 'this person has no user in Genesys Cloud yet') };
  const look = options.fresh || change.kind === 'reactivate' || (await rolesUnknown(attempt));
  const actual = look ? ((await dependencies.genesys.get(link.genesysId, attempt.call))?.user ?? null) : null;
  if (look && actual === null) return { ended: await parkWrite(attempt, null, deletedInGenesys()) };
  if (actual !== null && isProtected({ desired: null, link, actual }, dependencies.settings.target.protect)) {
    return { ended: await supersede(attempt, 'the user is protected by target.protect') };
  }
  const { operations, before, after } = patchOf(attempt, link, actual, references);
  const request: SentRequest = { method: 'PATCH', genesysId: link.genesysId, body: patchBody(operations) };
  const version = actual?.meta?.version ?? null;
  const prepared: PreparedWrite = { request, before, after, link, references, version };
  return operations.length === 0 ? { ended: await endWithoutRequest(attempt, prepared, actual) } : prepared;
}

/** Takes over a user as listed, or as just read: brings what is owned to where it shall be, often nothing at all. */
async function prepareAdoption(
  attempt: Attempt,
  references: References,
  { fresh }: { fresh: boolean },
): Promise<PreparedWrite | { ended: WriteResult }> {
  const { dependencies, input, row, call } = attempt;
  const genesysId = row.change.genesysId ?? '';
  const listed = fresh ? null : await dependencies.state.inventory.get(input.runId, genesysId);
  const actual = listed ?? (await dependencies.genesys.get(genesysId, call))?.user ?? null;
  if (actual === null) return { ended: await parkWrite(attempt, null, deletedInGenesys()) };
  if (isProtected({ desired: null, link: null, actual }, dependencies.settings.target.protect)) {
    return { ended: await supersede(attempt, 'the user is protected by target.protect') };
  }
  const desired = wanted(row.change.desired);
  const difference = diffUser(desired, { written: null, actual, drift: 'restore' }, references);
  const all = actual.active ? difference.operations : [...ACTIVATION, ...difference.operations];
  const operations = desired.active ? all : [];
  const request: SentRequest = { method: 'PATCH', genesysId, body: patchBody(operations) };
  const { before, after } = row.change;
  const prepared: PreparedWrite = { request, before, after, link: null, references, version: null };
  return operations.length === 0 ? { ended: await endWithoutRequest(attempt, prepared, actual) } : prepared;
}

function patchOf(attempt: Attempt, link: Link, actual: ScimUser | null, references: References): Patch {
  const { change } = attempt.row;
  const { drift } = attempt.dependencies.settings.target;
  if (change.kind === 'deactivate') {
    return { operations: deactivation(), before: change.before, after: change.after };
  }
  const desired = wanted(change.desired);
  if (change.kind === 'reactivate' && actual !== null) {
    return reactivation(desired, actual, references, link.written);
  }
  if (actual !== null) return diffUser(desired, { written: link.written, actual, drift }, references);
  const people = { ...desired, attributes: desired.attributes.filter((one) => one.reference !== null), ownedLists: [] };
  const late = diffUser(people, { written: link.written, actual, drift }, references);
  const planned = (change.operations ?? []).filter((one) => !late.operations.some((other) => other.path === one.path));
  return {
    operations: [...planned, ...late.operations],
    before: { ...change.before, ...late.before },
    after: { ...change.after, ...late.after },
  };
}

/** Runs that listed nobody do not know who is protected by a role: they look at each user they change. */
async function rolesUnknown({ dependencies, input }: Attempt): Promise<boolean> {
  const { settings, state } = dependencies;
  return settings.target.protect.roles.length > 0 && !(await state.inventory.isComplete(input.runId));
}

/** The Genesys ids that people referred to have by now. */
export async function referencesOf({ dependencies, row }: Attempt): Promise<References> {
  const anchors = row.change.desired?.attributes.flatMap((one) => one.reference ?? []) ?? [];
  const links = await dependencies.state.links.byAnchor(row.sync, anchors);
  return { idOf: (anchor) => links.get(anchor)?.genesysId ?? null, stillThere: () => true };
}

/** A fresh look that finds everything as wanted is a success; a person still waited for makes the change void. */
async function endWithoutRequest(
  attempt: Attempt,
  prepared: PreparedWrite,
  actual: ScimUser | null,
): Promise<WriteResult> {
  if (actual === null) {
    return supersede(attempt, 'the manager is not in Genesys Cloud yet; a later run sets him');
  }
  const token = randomUUID();
  const claimed = await claimWrite(attempt, token, prepared.request);
  if (claimed !== 'claimed') return lostClaim(attempt);
  return recordWrite(attempt, token, prepared, { user: actual, correlationId: null });
}

async function supersede(attempt: Attempt, reason: string): Promise<WriteResult> {
  await attempt.dependencies.state.changes.supersedeOne(attempt.input, reason);
  return { outcome: 'superseded', correlationId: null };
}

function deletedInGenesys(): GenesysError {
  const message = 'The user was deleted in Genesys Cloud; restore him there, then run retry-failed.';
  return new GenesysError('genesys.not-found', message, { status: 404 });
}

function wanted(desired: DesiredUser | null): DesiredUser {
  if (desired === null) throw new Error('the change has no desired user');
  return desired;
}
