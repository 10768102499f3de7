import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { defaultMappingText } from '../config/shipped.ts';
import { startSimulator, type SeedUser, type Simulator } from '../simulator/start.ts';
import type { State } from '../state/state.ts';
import { ConfigFolder, config } from './support/config-folder.ts';
import { simulatorTarget, UNPACED } from './support/configuration.ts';
import { directoryOf } from './support/entries-directory.ts';
import { addressOf, anyEvent, RandomStaff, type Event } from './support/random-staff.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { StaffOracle, type Outcome, type Policy } from './support/staff-oracle.ts';
import { statePlace, type StatePlace } from './support/state.ts';

/** How many stories are tried. The same ones every time, unless the environment asks for others: then any, and its number. */
const ASKED = process.env['ROLLCALL_PROPERTY_RUNS'];
const RUNS = Number(ASKED ?? 20);
const SEED = process.env['ROLLCALL_PROPERTY_SEED'] ?? (ASKED === undefined ? '20261123' : undefined);
vi.setConfig({ testTimeout: 60_000 + RUNS * 5_000 });

let staff: RandomStaff;

// A directory server for every case would cost hours.
vi.mock('../directory/open.ts', () => ({ openDirectory: () => Promise.resolve(directoryOf(staff)) }));

let simulator: Simulator;
let place: StatePlace;
let state: State;
let folder: ConfigFolder;
let cases = 0;

beforeAll(async () => {
  simulator = await startSimulator(UNPACED);
  place = await statePlace('sqlite');
  state = await place.open();
  folder = new ConfigFolder();
});

afterAll(async () => {
  folder.remove();
  await place.close();
  await simulator.stop();
});

interface Round {
  events: Event[];
  mode: 'full' | 'delta';
  approves: boolean;
}

const anyRound: fc.Arbitrary<Round> = fc.record({
  events: fc.array(anyEvent, { minLength: 1, maxLength: 5 }),
  mode: fc.constantFrom('full', 'full', 'delta'),
  approves: fc.boolean(),
});

/** Users whom nobody manages, one protected. */
const anyStrangers: fc.Arbitrary<SeedUser[]> = fc.subarray([
  { userName: addressOf(0), displayName: 'A stranger' },
  { userName: addressOf(1), displayName: 'An administrator', roles: [{ value: 'admin' }] },
  { userName: addressOf(2), displayName: 'A stranger asleep', state: 'inactive' as const },
]);

const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  onReusedLogin: fc.constantFrom('hold', 'recycle', 'rebind'),
  onTakenLogin: fc.constantFrom('park', 'suffix'),
  externalId: fc.constantFrom('anchor', 'account'),
});

const MAPPING = parse(defaultMappingText()) as Record<string, unknown>;
const BY_ACCOUNT = { from: 'uid', apply: 'createOnly' };
const UNGUARDED = { max: 1_000, percent: 'none', floor: 1_000 };
const SAFETY = {
  firstRun: 'apply',
  deactivations: UNGUARDED,
  creates: UNGUARDED,
  updates: UNGUARDED,
  recycles: { max: 1_000 },
  maximumDrop: 100,
};

/** Plays a story from an empty state; returns what an onlooker finds wrong, with the round, and nothing when all is well. */
async function play(policy: Policy, strangers: SeedUser[], rounds: Round[]): Promise<string[]> {
  cases += 1;
  await simulator.reset();
  simulator.seed(strangers);
  staff = new RandomStaff();
  for (const login of [0, 3]) staff.happen({ does: 'join', login, hasNumber: true });
  const target = simulatorTarget(simulator, { protect: { roles: ['admin'] } });
  const { externalId, ...identity } = policy;
  const mapping = externalId === 'anchor' ? MAPPING : { ...MAPPING, externalId: BY_ACCOUNT };
  const settings = folder.load(config({ name: `case-${cases}`, target, mapping, identity, safety: SAFETY }));
  const rehearsal = new Rehearsal(settings, state);
  try {
    return await playRounds(rehearsal, settings.name, new StaffOracle(policy), rounds);
  } finally {
    await rehearsal.close();
  }
}

async function playRounds(rehearsal: Rehearsal, sync: string, oracle: StaffOracle, rounds: Round[]): Promise<string[]> {
  const quiet: Round[] = [1, 2, 3].map(() => ({ events: [], mode: 'full', approves: false }));
  let writes = 0;
  for (const [number, { events, mode, approves }] of [...rounds, ...quiet].entries()) {
    events.forEach((event) => staff.happen(event));
    let batch: string | null = null;
    const planned = { full: mode === 'full', approved: false };
    const run = await observe(sync, planned, async () => ({ heldBatch: batch } = await rehearsal.run(mode)));
    const faults = oracle.faults(run);
    if (approves && batch !== null) {
      const held = batch;
      const approved = { full: false, approved: true };
      faults.push(...oracle.faults(await observe(sync, approved, () => rehearsal.approve(held))));
    }
    if (faults.length > 0) return [`round ${number + 1} (${mode})`, ...faults];
    writes = run.requests.filter(({ method }) => method !== 'GET').length;
  }
  return writes === 0 ? [] : ['runs on an unchanged directory go on writing'];
}

/** What can be seen of a run by who looks before and after it. */
async function observe(
  sync: string,
  kind: Pick<Outcome, 'full' | 'approved'>,
  carryOut: () => Promise<unknown>,
): Promise<Outcome> {
  const [before, from] = [simulator.users(), simulator.log.length];
  await carryOut();
  const { cards } = staff;
  const anchors = cards.map(({ anchor }) => anchor);
  return {
    ...{ ...kind, cards, before, users: simulator.users() },
    links: await state.links.byAnchor(sync, anchors),
    parked: new Set((await state.parked.list(sync)).map(({ anchor }) => anchor)),
    held: new Set((await state.batches.openMembers(sync)).keys()),
    requests: simulator.log.slice(from).filter(({ on }) => on === 'api'),
  };
}

test('whatever people do, everybody keeps his own history and gets his login, or somebody is told why not', async () => {
  const story = fc.asyncProperty(
    anyPolicy,
    anyStrangers,
    fc.array(anyRound, { minLength: 1, maxLength: 4 }),
    async (policy, strangers, rounds) => {
      expect(await play(policy, strangers, rounds)).toEqual([]);
    },
  );
  // Shrinking ends with what it has found by then.
  await fc.assert(story, {
    numRuns: RUNS,
    interruptAfterTimeLimit: 40_000 + RUNS * 4_000,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  });
});
