import type { PlannedChange, Values } from '../model/change.ts';
import type { DesiredUser, Link, PatchOperation, ScimUser } from '../model/user.ts';
import { makesAnew } from '../planning/deleted.ts';
import { diffUser } from '../planning/diff.ts';
import type { References } from '../planning/references.ts';
import { createBody, deactivation, patchBody, reactivation } from '../planning/requests.ts';
import { ownedValues } from '../planning/values.ts';
import type { SentRequest } from '../state/state.ts';
import { keepForReturn, restoreRoles } from './kept-roles.ts';
import { overtakenBy } from './overtaken.ts';
import {
  admitted,
  linkOfPredecessor,
  recordAsIs,
  referencesOf,
  supersede,
  type Preparation,
  type PreparedWrite,
} from './prepared-write.ts';
import { NOT_HIS, prepareRetirement } from './prepare-retirement.ts';
import { restored, RESTORED } from './restored.ts';
import type { Attempt, WriteResult } from './write-attempt.ts';

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
): Promise<Preparation> {
  const { dependencies, input, row } = attempt;
  const { sync, change } = row;
  const standing = await dependencies.state.links.standing(sync, change.anchor, input.runId);
  attempt.basis = standing.stamp;
  const link = (await dependencies.state.links.byAnchor(sync, [change.anchor])).get(change.anchor);
  const { reason, fresh } = change.predecessor?.alone
    ? { reason: null, fresh: false }
    : overtakenBy(change, standing, link ?? null);
  if (reason !== null) return { ended: await supersede(attempt, reason) };
  if (change.predecessor !== undefined && row.step === '') {
    const old = await dependencies.state.links.standing(sync, change.predecessor.anchor, input.runId);
    if (old.overtaken !== 'no') return { ended: await supersede(attempt, NOT_HIS) };
    attempt.userBasis = old.stamp;
  }
  return prepare(attempt, link ?? null, { fresh: options.fresh || fresh });
}

async function prepare(attempt: Attempt, own: Link | null, options: { fresh: boolean }): Promise<Preparation> {
  const { dependencies, row } = attempt;
  const { change } = row;
  const references = await referencesOf(attempt);
  if (change.kind === 'recycle' && row.step === '') return prepareRetirement(attempt, options);
  if (change.kind === 'create' || change.kind === 'recycle') {
    const desired = wanted(change.desired);
    const { body } = createBody(desired, references);
    const request: SentRequest = { method: 'POST', genesysId: null, body };
    // Not as planned: since then people to whom he refers have been given ids.
    const after = { ...ownedValues(desired, references, { createOnly: true }).values, active: true };
    const prepared: PreparedWrite = { request, before: change.before, after, link: null, references, version: null };
    return makesAnew(change) ? inPlaceOf(attempt, prepared, own) : prepared;
  }
  if (change.kind === 'adopt') return prepareAdoption(attempt, { references, former: own }, options);
  const link = change.kind === 'rebind' ? await linkOfPredecessor(attempt) : own;
  if (link === null) {
    const reason = change.kind === 'rebind' ? NOT_HIS : 'this person has no user in Genesys Cloud yet';
    return { ended: await supersede(attempt, reason) };
  }
  const { restoreOnReturn } = dependencies.settings.leavers;
  const keeps = change.kind === 'deactivate' && restoreOnReturn;
  const look = options.fresh || keeps || needsLook(change, link) || (await rolesUnknown(attempt));
  const looked = look ? await lookAt(attempt, link) : { actual: null };
  if ('ended' in looked) return looked;
  const { actual } = looked;
  if (keeps && actual !== null) await keepForReturn(attempt, actual);
  const { operations, before, after } = await patchOf(attempt, link, actual, references);
  const request: SentRequest = { method: 'PATCH', genesysId: link.genesysId, body: patchBody(operations) };
  const version = actual?.meta?.version ?? null;
  const prepared: PreparedWrite = { request, before, after, link, references, version };
  return operations.length === 0 ? { ended: await endWithoutRequest(attempt, prepared, actual) } : prepared;
}

/** Nobody is made anew beside a user who was restored meanwhile: a look by id, which no index delays, tells. */
async function inPlaceOf(attempt: Attempt, prepared: PreparedWrite, former: Link | null): Promise<Preparation> {
  if (former === null || (await restored(attempt, former)) !== null) {
    return { ended: await supersede(attempt, RESTORED) };
  }
  return { ...prepared, former };
}

async function lookAt(attempt: Attempt, link: Link): ReturnType<typeof admitted> {
  const found = await attempt.dependencies.genesys.get(link.genesysId, attempt.call);
  return admitted(attempt, link, found?.user ?? null);
}

/** Takes over a user as listed, or as just read: brings what is owned to where it shall be, often nothing at all. */
async function prepareAdoption(
  attempt: Attempt,
  { references, former }: { references: References; former: Link | null },
  { fresh }: { fresh: boolean },
): Promise<Preparation> {
  const { dependencies, input, row, call } = attempt;
  const genesysId = row.change.genesysId ?? '';
  const holder = await dependencies.state.links.byGenesysId(row.sync, genesysId);
  if (holder !== null && holder.anchor !== row.change.anchor) return { ended: await supersede(attempt, NOT_FREE) };
  if (holder === null) attempt.userBasis = null;
  const listed = fresh ? null : await dependencies.state.inventory.get(input.runId, genesysId);
  const found = listed ?? (await dependencies.genesys.get(genesysId, call))?.user ?? null;
  const looked = await admitted(attempt, null, found);
  if ('ended' in looked) return looked;
  const { actual } = looked;
  const desired = wanted(row.change.desired);
  // Not as planned: reality may have moved since, above all while the adoption waited for a person.
  const { operations, before, after } = desired.active
    ? reactivation(desired, actual, references)
    : { operations: [], before: {}, after: {} };
  const request: SentRequest = { method: 'PATCH', genesysId, body: patchBody(operations) };
  const version = listed === null ? (actual.meta?.version ?? null) : null;
  const prepared: PreparedWrite = {
    ...{ request, before, after, link: null, references, version },
    ...(former === null ? {} : { former }),
  };
  return operations.length === 0 ? { ended: await endWithoutRequest(attempt, prepared, actual) } : prepared;
}

const NOT_FREE = 'the user was linked to somebody else meanwhile; a later run compares again';

async function patchOf(attempt: Attempt, link: Link, actual: ScimUser | null, references: References): Promise<Patch> {
  const { change } = attempt.row;
  const { drift } = attempt.dependencies.settings.target;
  if (change.kind === 'deactivate') {
    return { operations: deactivation(), before: change.before, after: change.after };
  }
  const desired = wanted(change.desired);
  if ((change.kind === 'reactivate' || (change.kind === 'rebind' && !link.active)) && actual !== null) {
    const revived = reactivation(desired, actual, references, link.written);
    return change.kind === 'reactivate' ? restoreRoles(attempt, link, actual, revived) : revived;
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

/** Who comes back is compared with reality; a rebind that finds nothing to write makes sure that the user is there. */
function needsLook({ kind, operations }: PlannedChange, link: Link): boolean {
  if (kind === 'rebind') return !link.active || (operations ?? []).length === 0;
  return kind === 'reactivate';
}

/** Runs that listed nobody do not know who is protected by a role: they look at each user they change. */
async function rolesUnknown({ dependencies, input }: Attempt): Promise<boolean> {
  const { settings, state } = dependencies;
  return settings.target.protect.roles.length > 0 && !(await state.inventory.isComplete(input.runId));
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
  return recordAsIs(attempt, prepared, actual);
}

function wanted(desired: DesiredUser | null): DesiredUser {
  if (desired === null) throw new Error('the change has no desired user');
  return desired;
}
