import type { Candidate, LoginHolder } from '../../model/candidate.ts';
import { decide } from '../../planning/identity.ts';
import type { Decision, DecisionContext } from '../../planning/identity.ts';
import { ENTERPRISE_USER } from '../../model/scim-path.ts';
import { candidateOf, desiredUser, genesysUser, linkOf } from './people.ts';

/** Where the default mapping puts the number of an employee. */
export const EMPLOYEE_NUMBER = `${ENTERPRISE_USER}:employeeNumber`;
export const ELDER = 'e1de0000-0000-4000-8000-000000000009';

/** A run that knows Bob, creates `newcomer` and has no policy out of the ordinary. */
const context: DecisionContext = {
  holders: [],
  sighting: null,
  sightingOf: () => 'unproved',
  isTaken: () => false,
  references: { idOf: (anchor) => (anchor === 'bob' ? 'bob-id' : null), stillThere: () => false },
  coming: (anchor) => anchor === 'newcomer',
  leavers: { disabled: 'deactivate', gone: 'deactivate', outOfScope: 'deactivate' },
  identity: { personKey: [EMPLOYEE_NUMBER], onReusedLogin: 'hold', onTakenLogin: 'park', onDeletedUser: 'hold' },
  protect: { userNames: [], roles: [] },
  drift: 'report',
  configChanged: false,
  revived: new Set(),
  carriers: [],
  namesakes: [],
};

/** What is decided about Ann, with what is special about her and about the run. */
export function about(candidate: Partial<Candidate>, more: Partial<DecisionContext> = {}): Decision {
  return decide(candidateOf(candidate), { ...context, ...more });
}

/** Somebody else with Ann's login: a linked active user who keeps it, unless told otherwise. */
export function holder(more: Partial<LoginHolder> = {}): LoginHolder {
  const found: LoginHolder = {
    via: 'link',
    anchor: ELDER,
    genesysId: 'other-id',
    displayName: 'Ann Lee the elder',
    active: true,
    entry: 'stays',
    link: linkOf({ anchor: ELDER, genesysId: 'other-id', displayName: 'Ann Lee the elder' }),
    user: null,
    ...more,
  };
  if (found.via === 'link' || found.via === 'external id') return found;
  const { genesysId: id, displayName, active } = found;
  const user = found.via === 'inventory' ? genesysUser({ id, displayName, active }) : null;
  return { ...found, entry: null, link: null, user, ...more };
}

export const inactive = desiredUser([], { active: false, inactiveBecause: 'userAccountControl says disabled' });
export const nothing: Decision = { change: null, notes: [], drifted: [] };
