import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RunReport } from '../../model/run.ts';
import { startPostgres } from '../support/postgres.ts';
import type { StaffDirectory } from '../support/staff-directory.ts';
import { Stage, type Played } from '../support/stage.ts';
import type { ENGINES } from '../support/state.ts';
import { auditOf, withState } from '../support/traces.ts';
import { DOOM, type Doom, type Point } from './points.ts';
import { expectedPeople, peopleIn, type Place, type Scenario } from './scenarios.ts';

/** One cell of the matrix: this kind of change, killed at this point, with state on this engine. */
export interface Cell {
  scenario: Scenario;
  point: Point;
  /** Which of the change's requests, from 1. */
  passage: number;
  engine: (typeof ENGINES)[number];
}

/** A worker that does not reach its point is a defect of the matrix. */
const DEATH_MS = 120_000;
const WORKER = join(import.meta.dirname, 'doomed-worker.ts');
const TSX = ['--import', 'tsx'];

/**
 * Plays one cell: a run whose worker dies at the point, another worker that ends the run, and a further run that must find
 * nothing to do. Returns what is not as it should be; empty when all is well.
 */
export async function playCell(cell: Cell, staff: StaffDirectory): Promise<string[]> {
  const unit = await staff.unit(unitName(cell));
  const url = cell.engine === 'sqlite' ? null : await (await startPostgres()).database();
  const stage = await Stage.open({
    directories: [staff.configuration([unit])],
    configuration: {
      identity: { onReusedLogin: 'recycle', onDeletedUser: 'recreate' },
      ...(url === null ? {} : { state: { url } }),
    },
  });
  try {
    const place = { staff, unit, stage };
    await cell.scenario.arrange(place);
    await stage.rollcall.stopWorkers();
    await cell.scenario.act(place);
    const run = await runWithDeath(cell, place);
    const next = await stage.sync();
    return [...(await faultsOf(cell, place, run, url)), ...faultsOfNext(next)];
  } finally {
    await stage.close();
  }
}

function unitName({ scenario, point, passage, engine }: Cell): string {
  return `${scenario.name}-${point}-${passage}-${engine}`;
}

async function runWithDeath({ scenario, point, passage }: Cell, { stage }: Place): Promise<Played<RunReport>> {
  const { simulator, rollcall } = stage;
  // Cut before or after the request was carried out; the worker dies of noticing it.
  const when = point === 'request-lost' ? 'before' : point === 'committed-unanswered' ? 'after' : null;
  const method = scenario.writes[passage - 1] ?? '';
  if (when !== null) simulator.faults.add({ effect: { kind: 'reset', when }, method });
  const doom: Doom = { point, passage: when === null ? passage : 1 };
  const worker = spawn(process.execPath, [...TSX, WORKER, rollcall.configFile], {
    env: { ...rollcall.env, [DOOM]: JSON.stringify(doom) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const limit = setTimeout(() => worker.kill('SIGTERM'), DEATH_MS);
  const death = once(worker, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(worker.stdout, 'data'), death]);
  const run = stage.sync();
  // Where the run cannot even begin the worker never comes to its point.
  const [, signal] = await Promise.race([death, run.then(() => [null, null] as const)]);
  clearTimeout(limit);
  worker.kill('SIGKILL');
  await death;
  simulator.faults.clear();
  await rollcall.startWorker();
  const played = await run;
  if (signal !== 'SIGKILL') throw new Error('the worker did not reach the point where it was to die');
  return played;
}

async function faultsOf(
  { scenario }: Cell,
  { stage }: Place,
  { status, json }: Played<RunReport>,
  url: string | null,
): Promise<string[]> {
  const { kind, writes } = scenario;
  const faults: string[] = [];
  const same = (what: string, actual: unknown, expected: unknown): void => {
    const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
    if (is !== should) faults.push(`${what} should be ${should}, and is ${is}`);
  };
  same('the end of the run', { status, error: json.error }, { status: 0, error: null });
  same('the change', json.changes[kind], { planned: 1, applied: 1, parked: 0, held: 0, superseded: 0 });
  same('Genesys Cloud', peopleIn(stage), expectedPeople(scenario));
  const carriedOut = stage.simulator.log.filter(
    ({ method, body }) => method === 'POST' && JSON.stringify(body).includes('"ann@corp.example"'),
  );
  const created = carriedOut.filter((request) => request.status === 201 || request.status === null).length;
  if (created > most(scenario)) faults.push(`${created} users were created with the login of one`);
  await withState(
    stage.rollcall,
    async (state) => {
      const audit = await auditOf(state, json.runId);
      same(
        'the audit trail',
        audit.map((row) => row.kind),
        writes.map(() => kind),
      );
      same('unfinished writes', await state.changes.unfinished(stage.rollcall.sync), []);
    },
    url,
  );
  return faults;
}

/** POSTs with Ann's login that may reach the service: her first one where she was created before, and a lost one. */
function most({ kind }: Scenario): number {
  return { create: 2, adopt: 0, update: 1, reactivate: 1, deactivate: 1, recycle: 3, rebind: 1 }[kind];
}

function faultsOfNext({ status, json, writes }: Played<RunReport>): string[] {
  if (status === 0 && writes.length === 0) return [];
  return [
    `the next run should write nothing and end with 0, and ended with ${status}, ${writes.length} writes (${json.error ?? 'no error'})`,
  ];
}
