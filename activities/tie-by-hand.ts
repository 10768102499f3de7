import { Context } from '@temporalio/activity';
import type { Call } from '../genesys/open.ts';
import type { Anchor } from '../model/entry.ts';
import { GenesysError, RollcallError } from '../model/errors.ts';
import { isOnOnePerson } from '../model/run.ts';
import { parsePath } from '../model/scim-path.ts';
import type { DesiredAttribute, DesiredUser, ScimUser } from '../model/user.ts';
import { isProtected } from '../planning/protect.ts';
import type { RunRow } from '../state/state.ts';
import type { Tie } from '../state/ties.ts';
import type { Dependencies } from './dependencies.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whom a run links by hand, as the command `link` asked: makes sure that it may be done, and notes it in state, so that
 * later runs go on with it where this one cannot. Empty for every other run.
 *
 * @throws RollcallError `genesys.not-found`, `identity.linked`, `identity.ambiguous`, `identity.protected`,
 *   `identity.invalid-entry`
 */
export async function tieByHand(dependencies: Dependencies, run: RunRow): Promise<Map<Anchor, Tie>> {
  const { genesys, state } = dependencies;
  const asked = isOnOnePerson(run.mode) ? await state.asked.get(run.runId) : null;
  if (asked?.tie === undefined || asked.anchor === null) return new Map();
  const requests = { token: 0, read: 0, write: 0, throttled: 0 };
  const call = { requests, signal: Context.current().cancellationSignal };
  try {
    await genesys.authenticate(call);
    const user = await userNamed(dependencies, asked.tie.user, call);
    const desired = await requireFree(dependencies, run, { anchor: asked.anchor, user });
    await refuseOtherCarriers(dependencies, { desired, user }, call);
    const tie: Tie = { genesysId: user.id, reason: asked.tie.reason, actor: run.actor };
    const { anchor, userName, displayName, dn } = desired;
    if (!run.dryRun) await state.ties.tie(run.sync, { anchor, userName, displayName, dn }, tie);
    return new Map([[anchor, tie]]);
  } finally {
    await state.runs.addRequests(run.runId, requests);
  }
}

async function userNamed({ genesys }: Dependencies, name: string, call: Call): Promise<ScimUser> {
  const id = name.toLowerCase();
  const found = UUID.test(id)
    ? [(await genesys.get(id, call))?.user ?? []].flat()
    : await genesys.findByUserName(name, call);
  const [user, ...others] = found;
  if (user === undefined) {
    const message =
      'Genesys Cloud has no user with that id or login; check it there, or restore the user if he was deleted.';
    throw new GenesysError('genesys.not-found', message);
  }
  if (others.length === 0) return user;
  const ids = found.map((one) => one.id).join(', ');
  throw new RollcallError('identity.ambiguous', `Several Genesys users have that login; name one by id: ${ids}.`);
}

/** Neither of the two may have a link, and the user may not be protected. Returns what the person shall be. */
async function requireFree(
  { settings, state }: Dependencies,
  { runId, sync }: RunRow,
  { anchor, user }: { anchor: Anchor; user: ScimUser },
): Promise<DesiredUser> {
  const own = (await state.links.byAnchor(sync, [anchor])).get(anchor);
  if (own !== undefined) {
    const remedy = own.genesysId === user.id ? 'there is nothing to do' : '`unlink` him first';
    throw new RollcallError('identity.linked', `The person is linked to the Genesys user ${own.genesysId}; ${remedy}.`);
  }
  const other = await state.links.byGenesysId(sync, user.id);
  if (other !== null) {
    const message = `The Genesys user ${user.id} is linked to somebody else (anchor ${other.anchor}); \`unlink\` that person first.`;
    throw new RollcallError('identity.linked', message);
  }
  const desired = await state.desired.get(runId, anchor);
  if (desired === null) {
    const message =
      'The directory entry cannot be used, so nobody can be linked to it; `explain` names what is wrong with it.';
    throw new RollcallError('identity.invalid-entry', message);
  }
  if (!isProtected({ desired, link: null, actual: user }, settings.target.protect)) return desired;
  throw new RollcallError(
    'identity.protected',
    'The Genesys user or the person is protected by target.protect; nobody is linked.',
  );
}

/** External ids are unique: the user cannot get the person's while somebody else has one of them. */
async function refuseOtherCarriers(
  { genesys }: Dependencies,
  { desired, user }: { desired: DesiredUser; user: ScimUser },
  call: Call,
): Promise<void> {
  for (const attribute of desired.attributes) {
    const other = (await carriersOf(genesys, attribute, call)).find(({ id }) => id !== user.id);
    if (other === undefined) continue;
    const message = `The Genesys user ${other.id} carries this person's external id; take it from him in Genesys Cloud, then link again.`;
    throw new RollcallError('identity.ambiguous', message);
  }
}

/** Active users who have this external id; filters do not reach inactive ones. None for any other attribute. */
async function carriersOf(
  genesys: Dependencies['genesys'],
  { path, value }: DesiredAttribute,
  call: Call,
): Promise<ScimUser[]> {
  const parsed = parsePath(path);
  const id = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  if (parsed === null || typeof id !== 'string') return [];
  const { attribute, selector } = parsed;
  if (attribute === 'externalId') return genesys.findByExternalId(id, call, { inactive: false });
  if (attribute !== 'externalIds' || selector?.attribute !== 'authority') return [];
  return genesys.findByAuthority(String(selector.value), id, call, { inactive: false });
}
