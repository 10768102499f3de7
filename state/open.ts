import type { StateSettings } from '../model/settings.ts';
import { askedStore } from './asked.ts';
import { auditStore } from './audit.ts';
import { batchStore } from './batches.ts';
import { changeStore } from './changes.ts';
import { desiredStore } from './desired.ts';
import { openSqlite, type Engine } from './engine.ts';
import { ignoreStore } from './ignores.ts';
import { inventoryStore } from './inventory.ts';
import { linkStore } from './links.ts';
import { lookBackStore } from './look-back.ts';
import { migrate } from './migrations.ts';
import { paceStore } from './pace.ts';
import { parkedStore } from './parked.ts';
import { peopleStore } from './people.ts';
import { runStore } from './runs.ts';
import { snapshotStore } from './snapshots.ts';
import { stagingStore } from './staging.ts';
import type { State } from './state.ts';
import type { StoreContext } from './store-context.ts';
import { tieStore } from './ties.ts';
import { workerStore } from './workers.ts';

export interface OpenOptions {
  /** Whether to bring the schema up to date. Default true; false refuses a state that lacks a step. */
  migrate?: boolean;
  /** The clock behind every stored time. Default: the system's. */
  now?: () => Date;
}

/**
 * Opens the state of one installation: PostgreSQL where `url` is set, else SQLite in `folder`, which is created (mode
 * 0700) when missing.
 *
 * @throws StateError `state.unavailable` (within 10 s), `state.busy` (a lock held for 30 s), `state.newer-schema`
 */
export async function openState(settings: StateSettings, options: OpenOptions = {}): Promise<State> {
  const engine = settings.url === null ? await openSqlite(settings.folder) : await openServer(settings.url.read());
  const clock = options.now ?? (() => new Date());
  const context: StoreContext = { engine, now: () => clock().toISOString() };
  try {
    await migrate(engine, { apply: options.migrate ?? true, now: context.now() });
  } catch (error) {
    await engine.close();
    throw error;
  }
  return {
    engine: engine.kind,
    runs: runStore(context),
    asked: askedStore(context),
    staging: stagingStore(context),
    inventory: inventoryStore(context),
    desired: desiredStore(context),
    links: linkStore(context),
    changes: changeStore(context),
    batches: batchStore(context),
    parked: parkedStore(context),
    ignores: ignoreStore(context),
    ties: tieStore(context),
    audit: auditStore(context),
    snapshots: snapshotStore(context),
    pace: paceStore(context),
    workers: workerStore(context),
    lookBack: lookBackStore(context),
    people: peopleStore(context),
    close: () => engine.close(),
  };
}

/** Loads the driver here: that takes longer than opening an embedded state, which has no use for it. */
async function openServer(url: string): Promise<Engine> {
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(url);
}
