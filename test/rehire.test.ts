import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSimulator, type SimUser, type Simulator } from '../simulator/start.ts';
import type { AuditRow, State } from '../state/state.ts';
import { ConfigFolder, config } from './support/config-folder.ts';
import { simulatorTarget, UNPACED } from './support/configuration.ts';
import { directoryOf } from './support/entries-directory.ts';
import { addressOf, RandomStaff } from './support/random-staff.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { statePlace, type StatePlace } from './support/state.ts';

let staff: RandomStaff;
vi.mock('../directory/open.ts', () => ({ openDirectory: () => Promise.resolve(directoryOf(staff)) }));

let simulator: Simulator;
let place: StatePlace;
let state: State;
const folder = new ConfigFolder();
const ROLES = ['employee', 'agent', 'supervisor'].map((value) => ({ value }));

beforeAll(async () => {
  simulator = await startSimulator(UNPACED);
  place = await statePlace('sqlite');
  state = await place.open();
});

afterAll(async () => {
  folder.remove();
  await place.close();
  await simulator.stop();
});

/** Ann is hired under a sync of her own, and an administrator gives her roles. */
async function hire(name: string, restoreOnReturn: boolean, target: Record<string, unknown> = {}): Promise<Rehearsal> {
  await simulator.reset();
  staff = new RandomStaff();
  staff.happen({ does: 'join', login: 0, hasNumber: true });
  const rehearsal = new Rehearsal(
    folder.load(
      config({
        ...{ name, target: simulatorTarget(simulator, target), leavers: { restoreOnReturn } },
        safety: { firstRun: 'apply', maximumDrop: 100 },
      }),
    ),
    state,
  );
  await rehearsal.run('full');
  simulator.edit(ann().id, { roles: ROLES, title: 'Boss' });
  return rehearsal;
}

function ann(): SimUser {
  const found = simulator.users().find(({ userName }) => userName === addressOf(0));
  if (found === undefined) throw new Error('Ann has no user');
  return found;
}

const rolesOf = (user: SimUser): string[] => user.roles.map(({ value }) => value);

async function lastAudit(sync: string): Promise<AuditRow | undefined> {
  const anchor = staff.cards[1]?.anchor ?? '';
  return (await state.audit.ofAnchor(sync, anchor)).find(({ kind }) => kind === 'reactivate');
}

test.each([
  { way: 'be disabled or enabled' as const, back: 'be disabled or enabled' as const },
  { way: 'leave' as const, back: 'come back' as const },
])('who comes back after: $way, gets the roles back that the deactivation took, in one PATCH', async (story) => {
  const name = `restoring-${story.way.replaceAll(' ', '-')}`;
  const rehearsal = await hire(name, true);
  staff.happen({ does: story.way, who: 0 });
  await rehearsal.run('delta');
  expect({ state: ann().state, roles: rolesOf(ann()) }).toEqual({ state: 'inactive', roles: [] });
  staff.happen({ does: story.back, who: 0 });
  const from = simulator.log.length;
  await rehearsal.run('delta');
  await rehearsal.close();
  expect({ state: ann().state, roles: rolesOf(ann()).toSorted() }).toEqual({
    state: 'active',
    roles: ['agent', 'employee', 'supervisor'],
  });
  expect(simulator.log.slice(from).filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  expect(await lastAudit(name)).toMatchObject({
    before: { active: false, roles: [] },
    after: { active: true, roles: ['employee', 'agent', 'supervisor'] },
  });
});

test('without the setting nobody looks at a leaver, and a returner gets nothing beside what the mapping gives', async () => {
  const rehearsal = await hire('not-restoring', false, { protect: { roles: [] } });
  staff.happen({ does: 'be disabled or enabled', who: 0 });
  const from = simulator.log.length;
  await rehearsal.run('delta');
  expect(simulator.log.slice(from).map(({ method }) => method)).toEqual(['PATCH']);
  staff.happen({ does: 'be disabled or enabled', who: 0 });
  await rehearsal.run('delta');
  await rehearsal.close();
  expect({ roles: rolesOf(ann()), title: ann().title }).toEqual({ roles: [], title: 'Title 0' });
});

test('a reanimated tombstone, enabled but without its attributes, is parked and changes nothing', async () => {
  const rehearsal = await hire('tombstone', true);
  staff.happen({ does: 'leave', who: 0 });
  await rehearsal.run('full');
  const before = simulator.users();
  staff.happen({ does: 'come back', who: 0 });
  staff.happen({ does: 'lose or regain the mail', who: 0 });
  for (const mode of ['delta', 'full'] as const) await rehearsal.run(mode);
  expect(await state.parked.list('tombstone')).toMatchObject([{ kind: 'update', code: 'identity.invalid-entry' }]);
  expect(simulator.users()).toEqual(before);
  staff.happen({ does: 'lose or regain the mail', who: 0 });
  await rehearsal.run('full');
  await rehearsal.close();
  expect(ann().state).toBe('active');
  expect(await state.parked.list('tombstone')).toEqual([]);
});
