import type { PlannedChange } from '../../model/change.ts';
import { GENESYS_USER } from '../../model/scim-path.ts';
import type { DesiredUser, Link, PatchOperation } from '../../model/user.ts';
import type { State } from '../../state/state.ts';
import { changeOf, desiredUser, owned } from './people.ts';
import { IDENTITY, LOGIN, type WriteBench } from './write-bench.ts';

/** Somebody of Ann's login who was there before her. */
export const OLD = '0b000000-0000-4000-8000-000000000002';
export const RETIRED_LOGIN = 'retired-0b000000@example.com';
const PHONE = 'phoneNumbers[type eq "work"]';
const OLD_ID = `${GENESYS_USER}:externalIds[authority eq "ldap-entryuuid"]`;

/** The old holder of the login as the mapping wanted him. */
function oldUser(): DesiredUser {
  return desiredUser(
    [
      owned('externalId', OLD),
      owned(OLD_ID, { authority: 'ldap-entryuuid', value: OLD }),
      owned(PHONE, { type: 'work', value: '+493012345678' }),
      owned('title', 'Agent'),
    ],
    { anchor: OLD, displayName: 'Ann of old' },
  );
}

/** The old holder, whose entry is there again, shall have another title. */
export function oldOneReturns({ genesysId, active }: Pick<Link, 'genesysId' | 'active'>): PlannedChange {
  const desired = oldUser();
  const attributes = desired.attributes.map((one) => (one.path === 'title' ? { ...one, value: 'Lead' } : one));
  return changeOf({
    kind: active ? 'update' : 'reactivate',
    ...{ anchor: OLD, genesysId, reason: 'title changed', before: { title: 'Agent' }, after: { title: 'Lead' } },
    desired: { ...desired, attributes },
    operations: active ? [{ op: 'replace', path: 'title', value: 'Lead' }] : null,
  });
}

/** Creates the old holder by a run of his own. */
export async function linkOldOne(bench: WriteBench): Promise<Link> {
  const desired = oldUser();
  await bench.plan([changeOf({ anchor: OLD, displayName: 'Ann of old', desired })], 'run-0');
  await bench.write({ runId: 'run-0' });
  await bench.state.runs.close('run-0', { outcome: 'completed', error: null, heldBatch: null });
  return linkAt(bench.state, OLD);
}

export async function linkAt(state: State, anchor: string): Promise<Link> {
  const link = (await state.links.byAnchor('corp', [anchor])).get(anchor);
  if (link === undefined) throw new Error(`${anchor} has no link`);
  return link;
}

const RETIREMENT: PatchOperation[] = [
  { op: 'remove', path: PHONE },
  { op: 'replace', path: 'userName', value: RETIRED_LOGIN },
  { op: 'replace', path: 'active', value: false },
];

/** Ann gets the login of somebody who is gone; another person than he was. */
export function recycleOf({ genesysId, userName, displayName }: Link): PlannedChange {
  return changeOf({
    kind: 'recycle',
    genesysId,
    reason: 'new in corp-ad; the login belonged to somebody who is gone',
    after: { userName: LOGIN, displayName: 'Ann Lee', active: true },
    desired: desiredUser([...IDENTITY, owned('title', 'Boss')]),
    predecessor: {
      anchor: OLD,
      genesysId,
      userName,
      displayName,
      retirement: {
        operations: RETIREMENT,
        before: { userName, active: true },
        after: { userName: RETIRED_LOGIN, [PHONE]: null, active: false },
      },
    },
  });
}

/** The same for somebody who has a user already: nobody is created besides. */
export function retirementOf(old: Link): PlannedChange {
  const { predecessor, ...recycle } = recycleOf(old);
  const { anchor, userName, displayName } = old;
  const alone = predecessor && { ...predecessor, alone: true as const };
  const { before, after } = predecessor?.retirement ?? { before: null, after: null };
  return {
    ...recycle,
    anchor,
    userName,
    displayName,
    before,
    after,
    desired: null,
    ...(alone && { predecessor: alone }),
  };
}

/** Ann is who had the login all along; only her anchor is new. */
export function rebindOf({ genesysId, userName, displayName }: Link, title = 'Boss'): PlannedChange {
  return changeOf({
    kind: 'rebind',
    genesysId,
    reason: 'the same person under a new anchor',
    before: { externalId: OLD, title: 'Agent' },
    after: { externalId: IDENTITY[0]?.value ?? null, title },
    desired: desiredUser([...IDENTITY, owned(PHONE, { type: 'work', value: '+493012345678' }), owned('title', title)], {
      displayName,
    }),
    operations: [
      { op: 'replace', path: 'externalId', value: IDENTITY[0]?.value ?? '' },
      { op: 'replace', path: `${OLD_ID}.value`, value: IDENTITY[0]?.value ?? '' },
      { op: 'replace', path: 'title', value: title },
    ],
    predecessor: { anchor: OLD, genesysId, userName, displayName, retirement: null },
  });
}
