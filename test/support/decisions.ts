import type { Candidate, LoginHolder } from '../../model/candidate.ts';
import { decide } from '../../planning/identity.ts';
import type { Decision, DecisionContext } from '../../planning/identity.ts';
import { candidateOf, desiredUser } from './people.ts';

/** A run that knows Bob, creates `newcomer` and has no policy out of the ordinary. */
const context: DecisionContext = {
  holders: [],
  sighting: null,
  references: { idOf: (anchor) => (anchor === 'bob' ? 'bob-id' : null), stillThere: () => false },
  coming: (anchor) => anchor === 'newcomer',
  leavers: { disabled: 'deactivate', gone: 'deactivate', outOfScope: 'deactivate' },
  protect: { userNames: [], roles: [] },
  drift: 'report',
  configChanged: false,
  inventoryComplete: false,
  carriers: [],
};

/** What is decided about Ann, with what is special about her and about the run. */
export function about(candidate: Partial<Candidate>, more: Partial<DecisionContext> = {}): Decision {
  return decide(candidateOf(candidate), { ...context, ...more });
}

/** Somebody else with Ann's login: a linked active user unless told otherwise. */
export function holder(more: Partial<LoginHolder> = {}): LoginHolder {
  return {
    via: 'link',
    anchor: 'other',
    genesysId: 'other-id',
    displayName: 'Ann Lee the elder',
    active: true,
    ...more,
  };
}

export const inactive = desiredUser([], { active: false, inactiveBecause: 'userAccountControl says disabled' });
export const nothing: Decision = { change: null, notes: [], drifted: [] };
