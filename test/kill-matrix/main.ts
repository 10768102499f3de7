/**
 * `npm run kill-matrix [-- --kind KIND] [-- --engine ENGINE] [-- --at-once N]`: kills a worker by SIGKILL at each point of a
 * write, for each kind of change, on each engine of state, and prints what came of it as a table. Exit status 1 when
 * anything was lost, done twice or left behind, 2 for wrong usage.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { setUp } from '../support/set-up.ts';
import { startOpenLdapStaff } from '../support/staff-directory.ts';
import { ENGINES } from '../support/state.ts';
import { playCell, type Cell } from './cell.ts';
import { POINT_NAMES, POINTS } from './points.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** Most of a cell is the silence after which Temporal gives up a dead worker. */
const AT_ONCE = '4';

interface Column {
  name: string;
  scenario: Scenario;
  passage: number;
}

function columnsOf(name: string | undefined): Column[] {
  return SCENARIOS.filter((scenario) => name === undefined || scenario.name === name).flatMap((scenario) =>
    scenario.writes.map((method, index) => ({
      name: scenario.writes.length === 1 ? scenario.name : `${scenario.name} (${method})`,
      scenario,
      passage: index + 1,
    })),
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { kind: { type: 'string' }, engine: { type: 'string' }, 'at-once': { type: 'string', default: AT_ONCE } },
  });
  const columns = columnsOf(values.kind);
  const engines = ENGINES.filter((engine) => values.engine === undefined || engine === values.engine);
  const cells = engines.flatMap((engine) =>
    POINTS.flatMap((point) => columns.map(({ scenario, passage }) => ({ engine, point, scenario, passage }))),
  );
  if (cells.length === 0) {
    const kinds = [...new Set(SCENARIOS.map(({ name }) => name))].join(', ');
    process.stderr.write(
      `There is no such kind or engine; the kinds are ${kinds}, the engines ${ENGINES.join(', ')}.\n`,
    );
    return 2;
  }
  const stop = await setUp();
  const staff = await startOpenLdapStaff();
  try {
    const faults = await playAll(cells, Number(values['at-once']), (cell) => playCell(cell, staff));
    for (const engine of engines) print(engine, columns, faults);
    return [...faults.values()].some((found) => found.length > 0) ? 1 : 0;
  } finally {
    await staff.stop();
    await stop();
  }
}

/** Plays so many cells at once, and tells of each as it ends. */
async function playAll(
  cells: Cell[],
  atOnce: number,
  play: (cell: Cell) => Promise<string[]>,
): Promise<Map<string, string[]>> {
  const faults = new Map<string, string[]>();
  const left = [...cells];
  const lane = async (): Promise<void> => {
    for (let cell = left.shift(); cell !== undefined; cell = left.shift()) {
      const found = await play(cell).catch((error: unknown) => [`could not be played: ${String(error)}`]);
      faults.set(keyOf(cell), found);
      const end = found.length === 0 ? 'as it should be' : found.join('; ');
      process.stderr.write(`${faults.size} of ${cells.length}: ${keyOf(cell)}: ${end}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return faults;
}

function keyOf({ scenario, passage, point, engine }: Cell): string {
  return `${scenario.name} (request ${passage}), killed ${POINT_NAMES[point]}, ${engine}`;
}

function print(engine: Cell['engine'], columns: Column[], faults: Map<string, string[]>): void {
  const table = new Table({
    head: [`killed (${engine})`, ...columns.map(({ name }) => name)],
    style: { head: [], border: [], compact: true },
  });
  for (const point of POINTS) {
    const marks = columns.map(({ scenario, passage }) => {
      const found = faults.get(keyOf({ scenario, passage, point, engine }));
      return found?.length === 0 ? 'right' : 'WRONG';
    });
    table.push([POINT_NAMES[point], ...marks]);
  }
  process.stdout.write(`${table.toString()}\n`);
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const remedy = isUsage ? '; it takes --kind KIND, --engine ENGINE and --at-once N.' : '';
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${remedy}\n`);
    process.exit(isUsage ? 2 : 1);
  },
);
