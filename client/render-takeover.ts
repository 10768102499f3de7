import { MATCHED_BY, ODDITIES, type Oddity } from '../model/change.ts';
import type { TakeoverReport } from '../model/run.ts';
import { shortPath } from './render-values.ts';

/** What one, and what several of them do. */
const ODD: Record<Oddity, readonly [one: string, several: string]> = {
  ambiguous: ['person is matched by several users', 'people are matched by several users each'],
  'other anchor': ["carries another entry's anchor", "carry another entry's anchor"],
  inactive: ['is inactive', 'are inactive'],
  'other person': ['has another person key', 'have another person key'],
  'other provisioner': ['carries an external id of another system', 'carry an external id of another system'],
  revived: ['was deleted until a create brought it back', 'were deleted until a create brought them back'],
};

/** What a run makes of the users whom nobody managed, as lines; none where there is nothing to tell. */
export function takeoverLines({ listed, matched, odd, attributes, unowned }: TakeoverReport): string[] {
  const total = MATCHED_BY.reduce((sum, by) => sum + matched[by], 0);
  if (total === 0 && unowned.count === 0) return [];
  const ways = MATCHED_BY.filter((by) => matched[by] > 0).map((by) => `${matched[by]} by ${by}`);
  const oddities = ODDITIES.filter((one) => odd[one] > 0).map(
    (one) => `${odd[one]} ${ODD[one][odd[one] === 1 ? 0 : 1]}`,
  );
  const changing = attributes.map(({ path, users }) => `${shortPath(path)} of ${users}`);
  return [
    `Genesys Cloud users: ${listed} listed, ${total} of them taken over${total === 0 ? '' : ` (${ways.join(', ')})`}`,
    ...(oddities.length === 0 ? [] : [`to be looked at first: ${oddities.join('; ')}`]),
    ...(changing.length === 0 ? [] : [`taking them over changes ${changing.join(', ')}`]),
    ...unownedLines(unowned),
  ];
}

function unownedLines({ count, first }: TakeoverReport['unowned']): string[] {
  if (count === 0) return [];
  const names = first.map(({ userName, active }) => (active ? userName : `${userName} (inactive)`)).join(', ');
  const rest = count > first.length ? ` and ${count - first.length} more` : '';
  return [`nobody's, and left untouched: ${count}: ${names}${rest}`];
}
