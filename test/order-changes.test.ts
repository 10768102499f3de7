import { afterAll, beforeAll, expect, test } from 'vitest';
import { orderChanges } from '../activities/order-changes.ts';
import type { PlannedChange } from '../model/change.ts';
import type { State } from '../state/state.ts';
import { changeOf, desiredUser } from './support/people.ts';
import { anchorOf, runStart, statePlace, type StatePlace } from './support/state.ts';

let place: StatePlace;
let state: State;

beforeAll(async () => {
  place = await statePlace('sqlite');
  state = await place.open();
});
afterAll(() => place?.close());

const login = (number: number): string => `p${number}@example.com`;
const user = (number: number): string => `user-${number}`;

/** A linked person whose title, or whose login, changes. */
function update(number: number, taken: number | null): PlannedChange {
  const anchor = anchorOf(number);
  const person = { kind: 'update' as const, anchor, genesysId: user(number), userName: login(taken ?? number) };
  const desired = desiredUser([], { anchor, userName: person.userName });
  if (taken === null) {
    const operations = [{ op: 'replace' as const, path: 'title', value: 'Lead' }];
    return changeOf({ ...person, desired, before: { title: 'Agent' }, after: { title: 'Lead' }, operations });
  }
  return changeOf({
    ...{ ...person, desired, before: { userName: login(number) }, after: { userName: login(taken) } },
    operations: [{ op: 'replace', path: 'userName', value: login(taken) }],
    awaits: { genesysId: user(taken), displayName: `P${taken}` },
  });
}

test('a circle of logins begins with a temporary one, whoever else is changed in the same run', async () => {
  await state.runs.open(runStart('run-1'));
  await state.changes.begin('run-1');
  await state.changes.add('run-1', 'corp', [
    update(1, null),
    update(2, 3),
    update(3, 4),
    update(4, 2),
    update(5, null),
  ]);
  await orderChanges({ state }, { runId: 'run-1', sync: 'corp' });
  await state.changes.number('run-1');
  const order: string[] = [];
  for (let seq = 1; seq <= 6; seq += 1) {
    const row = await state.changes.get('run-1', seq);
    const after = row?.change.after ?? {};
    order.push(`${row?.wave} ${row?.change.genesysId}: ${JSON.stringify(after['userName'] ?? after['title'])}`);
  }
  expect(order).toEqual([
    '0 user-1: "Lead"',
    `0 user-2: "moving-${anchorOf(2).slice(0, 8)}@example.com"`,
    '0 user-5: "Lead"',
    `1 user-4: "${login(2)}"`,
    `2 user-3: "${login(4)}"`,
    `3 user-2: "${login(3)}"`,
  ]);
});
