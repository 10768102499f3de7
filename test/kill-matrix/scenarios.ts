import type { ChangeKind } from '../../model/change.ts';
import type { StaffDirectory } from '../support/staff-directory.ts';
import type { Stage } from '../support/stage.ts';

/** The place of one cell: an installation with a unit of its own. */
export interface Place {
  staff: StaffDirectory;
  unit: string;
  stage: Stage;
}

/** One kind of change and what it takes to have just one of it in a run. */
export interface Scenario {
  /** What the matrix calls it: its kind, or a case of that. */
  name: string;
  kind: ChangeKind;
  /** Requests that the change needs when nothing goes wrong. */
  writes: ('POST' | 'PATCH')[];
  /** What stands before; the runs of that are over when it resolves. */
  arrange(place: Place): Promise<void>;
  /** What happens in the directory, for the run whose worker is killed to find. */
  act(place: Place): Promise<void>;
  /** Who must be in Genesys Cloud afterwards: `login, name, title, state`, sorted. */
  expected: string[];
}

const ANN = { login: 'ann', name: 'Ann Lee', title: 'Agent', number: '1001' };
const ACTIVE = 'ann@corp.example, Ann Lee, Agent, active';
const WITNESS = { login: 'wes', name: 'Wes Witness', title: 'Agent', number: '9' };
const WITNESS_STANDS = 'wes@corp.example, Wes Witness, Agent, active';

/** Somebody who is there throughout and to whom nothing may happen. */
async function start({ staff, unit, stage }: Place, people: (typeof ANN)[]): Promise<void> {
  await staff.add(unit, [WITNESS, ...people]);
  await stage.firstRun(people.length + 1);
}

const annWorks = (place: Place): Promise<void> => start(place, [ANN]);
const nobody = (place: Place): Promise<void> => start(place, []);
const annIs = ({ staff, unit }: Place): string => staff.dn(ANN.login, unit);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'create',
    kind: 'create',
    writes: ['POST'],
    arrange: nobody,
    act: ({ staff, unit }) => staff.add(unit, [ANN]),
    expected: [ACTIVE],
  },
  {
    name: 'recreate',
    kind: 'create',
    writes: ['POST'],
    arrange: annWorks,
    act: async ({ stage }) => {
      stage.simulator.edit(stage.user('ann').id, { state: 'deleted' });
    },
    expected: [ACTIVE],
  },
  {
    name: 'adopt',
    kind: 'adopt',
    writes: ['PATCH'],
    arrange: nobody,
    act: async ({ staff, unit, stage }) => {
      await staff.add(unit, [ANN]);
      stage.simulator.seed([{ userName: 'ann@corp.example', displayName: 'Ann of old', employeeNumber: '1001' }]);
    },
    expected: [ACTIVE],
  },
  {
    name: 'update',
    kind: 'update',
    writes: ['PATCH'],
    arrange: annWorks,
    act: (place) => place.staff.change(annIs(place), { title: 'Boss' }),
    expected: ['ann@corp.example, Ann Lee, Boss, active'],
  },
  {
    name: 'reactivate',
    kind: 'reactivate',
    writes: ['PATCH'],
    arrange: async (place) => {
      await annWorks(place);
      await place.staff.setEnabled(annIs(place), false);
      await place.stage.sync();
    },
    act: (place) => place.staff.setEnabled(annIs(place), true),
    expected: [ACTIVE],
  },
  {
    name: 'deactivate',
    kind: 'deactivate',
    writes: ['PATCH'],
    arrange: annWorks,
    act: (place) => place.staff.remove(annIs(place)),
    expected: ['ann@corp.example, Ann Lee, Agent, inactive'],
  },
  {
    name: 'recycle',
    kind: 'recycle',
    writes: ['PATCH', 'POST'],
    arrange: annWorks,
    act: async (place) => {
      await place.staff.remove(annIs(place));
      await place.staff.add(place.unit, [{ ...ANN, name: 'Anna Legrand', number: '2002' }]);
    },
    expected: ['ann@corp.example, Anna Legrand, Agent, active', 'retired, Ann Lee, Agent, inactive'],
  },
  {
    name: 'rebind',
    kind: 'rebind',
    writes: ['PATCH'],
    arrange: annWorks,
    act: async (place) => {
      await place.staff.remove(annIs(place));
      await place.staff.add(place.unit, [{ ...ANN, title: 'Boss' }]);
    },
    expected: ['ann@corp.example, Ann Lee, Boss, active'],
  },
];

/** Everybody of whom a scenario says who must be there. */
export function expectedPeople({ expected }: Scenario): string[] {
  return [...expected, WITNESS_STANDS].toSorted();
}

/** The same of the simulator; the name of a retired user holds his anchor, which is another one each time. */
export function peopleIn({ simulator }: Stage): string[] {
  return simulator
    .users()
    .map(({ userName, displayName, title, state }) => {
      const login = /^retired-[0-9a-f]{8}@corp\.example$/.test(userName) ? 'retired' : userName;
      return `${login}, ${displayName}, ${title}, ${state}`;
    })
    .toSorted();
}
