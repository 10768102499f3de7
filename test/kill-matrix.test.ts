import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playCell } from './kill-matrix/cell.ts';
import { POINT_NAMES, type Point } from './kill-matrix/points.ts';
import { SCENARIOS } from './kill-matrix/scenarios.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import type { ENGINES } from './support/state.ts';

/** A few cells of `npm run kill-matrix`, which plays them all. */
const CELLS: [kind: string, passage: number, point: Point, engine: (typeof ENGINES)[number]][] = [
  ['create', 1, 'committed-unanswered', 'sqlite'],
  ['rebind', 1, 'answered-unrecorded', 'sqlite'],
  ['recycle', 1, 'recorded', 'postgres'],
];
/** A worker counts as dead after 15 s; a loaded machine takes its time for the rest. */
const TIMEOUT_MS = 180_000;

let staff: StaffDirectory;

beforeAll(async () => {
  staff = await startOpenLdapStaff();
});

afterAll(async () => {
  await staff?.stop();
});

// Most of the time is the silence after which Temporal gives up a dead worker: the cells share it.
describe.concurrent('a worker killed', { timeout: TIMEOUT_MS }, () => {
  test.each(CELLS.map(([kind, passage, point, engine]) => ({ kind, passage, point, engine, at: POINT_NAMES[point] })))(
    'amid a $kind, at request $passage $at, with state on $engine: nothing is lost, nothing done twice',
    async ({ kind, passage, point, engine }) => {
      const scenario = SCENARIOS.find(({ name }) => name === kind);
      expect(scenario && (await playCell({ scenario, passage, point, engine }, staff))).toEqual([]);
    },
  );
});
