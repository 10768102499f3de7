import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type Activities } from '../../activities/index.ts';
import type { WriteResult } from '../../activities/write-attempt.ts';
import { openGenesys, type Genesys } from '../../genesys/open.ts';
import { unpaced, type Pace } from '../../genesys/pace.ts';
import type { PlannedChange } from '../../model/change.ts';
import { GENESYS_USER } from '../../model/scim-path.ts';
import type { Settings } from '../../model/settings.ts';
import type { DesiredAttribute, Link, PatchOperation } from '../../model/user.ts';
import { startSimulator, type RequestLogEntry, type SimUser, type Simulator } from '../../simulator/start.ts';
import type { AuditRow, ChangeRef, ChangeRow, RunStart, State } from '../../state/state.ts';
import { ConfigFolder, config } from './config-folder.ts';
import { simulatorTarget, UNPACED } from './configuration.ts';
import { ANN, changeOf, desiredUser, owned } from './people.ts';
import { runStart, statePlace, type StatePlace } from './state.ts';
import { auditOf } from './traces.ts';

export const RUN = 'run-1';
export const LOGIN = 'ann.lee@example.com';
/** Gives up before a test does, and not because the machine is busy. */
const REQUEST_TIMEOUT_MS = 10_000;
const INDEX_LAG_MS = 60_000;
const MINUTE_MS = 60_000;

/** What the shipped mapping says about Ann's identity. */
export const IDENTITY = [
  owned('externalId', ANN),
  owned(`${GENESYS_USER}:externalIds[authority eq "ldap-entryuuid"]`, { authority: 'ldap-entryuuid', value: ANN }),
];

/** Writes of single users on a real state and a real simulator, without a Temporal server. */
export class WriteBench {
  readonly state: State;
  readonly simulator: Simulator;
  readonly settings: Settings;
  /** Set to the past to store times as if they had been minutes ago. */
  minutesAgo = 0;
  /** Null where others use the place too. */
  private readonly place: StatePlace | null;
  private readonly folder: ConfigFolder;
  private readonly clients: Genesys[] = [];
  private worker: Activities | undefined;

  private constructor(parts: { state: State; simulator: Simulator; place: StatePlace | null; folder: ConfigFolder }) {
    this.state = parts.state;
    this.simulator = parts.simulator;
    this.place = parts.place;
    this.folder = parts.folder;
    const target = { ...simulatorTarget(parts.simulator), indexLag: `${INDEX_LAG_MS / 1_000}s` };
    this.settings = parts.folder.load(config({ target }));
  }

  /** `shared`: hands out the state, and is closed by the caller; else the bench has a place of its own, on SQLite. */
  static async open(shared?: StatePlace): Promise<WriteBench> {
    const own = shared === undefined ? await statePlace('sqlite') : null;
    const simulator = await startSimulator(UNPACED);
    const clock = { minutesAgo: () => 0 };
    const now = (): Date => new Date(Date.now() - clock.minutesAgo() * MINUTE_MS);
    const state = await (shared ?? own)?.open({ now });
    if (state === undefined) throw new Error('no place for the state');
    const bench = new WriteBench({ state, simulator, place: own, folder: new ConfigFolder() });
    clock.minutesAgo = () => bench.minutesAgo;
    return bench;
  }

  async close(): Promise<void> {
    this.simulator.faults.clear();
    this.simulator.faults.release();
    await Promise.all(this.clients.map((client) => client.close()));
    await this.place?.close();
    await this.simulator.stop();
    this.folder.remove();
  }

  /** Activities of another worker, with a Genesys client of its own. */
  activities(options: { pace?: Pace; requestTimeoutMs?: number; settings?: Settings } = {}): Activities {
    const { pace = unpaced, requestTimeoutMs = REQUEST_TIMEOUT_MS, settings = this.settings } = options;
    const genesys = openGenesys(settings.target, pace, { requestTimeoutMs });
    this.clients.push(genesys);
    return createActivities({ settings, state: this.state, genesys });
  }

  /** Opens a run that has listed the users, with these changes, numbered from 1 in order of kind and anchor. */
  async plan(changes: PlannedChange[], runId = RUN, more: Partial<RunStart> = {}): Promise<void> {
    await this.state.runs.open(runStart(runId, { configHash: this.settings.hash, ...more }));
    await this.state.inventory.complete(runId);
    await this.state.changes.begin(runId);
    await this.state.changes.add(runId, 'corp', changes);
    await this.state.changes.number(runId);
  }

  /** A create of Ann as change 1. */
  async planCreate(runId = RUN): Promise<void> {
    await this.plan([changeOf({ desired: desiredUser(IDENTITY) })], runId);
  }

  /** Creates Ann by a run of her own. */
  async linkAnn(): Promise<Link> {
    await this.planCreate('run-0');
    await this.write({ runId: 'run-0' });
    await this.state.runs.close('run-0', { outcome: 'completed', error: null, heldBatch: null });
    return this.link();
  }

  /** A change of Ann, who is linked, as change 1; what is wanted beside her identity is `more`, by default a title. */
  async planPatch(kind: 'update' | 'reactivate' | 'deactivate', more = [owned('title', 'Boss')]): Promise<Link> {
    const link = await this.linkAnn();
    await this.plan([patchOf(kind, link, more)]);
    return link;
  }

  /** Runs one attempt of a write as Temporal would, not the first. `by` another worker's activities. */
  write(ref: Partial<ChangeRef> & { by?: Activities; attempt?: number } = {}): Promise<WriteResult> {
    const { by = this.ours(), runId = RUN, seq = 1, attempt } = ref;
    return environment(attempt).run(by.createUser, { runId, seq, actor: 'alice' });
  }

  /** The first step of a recycle. */
  snapshot(ref: Partial<ChangeRef> = {}): Promise<WriteResult> {
    const { runId = RUN, seq = 1 } = ref;
    return environment().run(this.ours().snapshotUser, { runId, seq, actor: 'alice' });
  }

  /** One attempt at the second step of a recycle. */
  retire(ref: Partial<ChangeRef> & { by?: Activities } = {}): Promise<WriteResult> {
    const { by = this.ours(), runId = RUN, seq = 1 } = ref;
    return environment().run(by.retireUser, { runId, seq, actor: 'alice' });
  }

  resolveUnfinished(runId: string): Promise<void> {
    return environment().run(this.ours().resolveUnfinished, { runId, sync: 'corp' });
  }

  async change(runId = RUN, seq = 1): Promise<ChangeRow> {
    const row = await this.state.changes.get(runId, seq);
    if (row === null) throw new Error(`run ${runId} has no change ${seq}`);
    return row;
  }

  /** Ann's link; fails when there is none. */
  async link(): Promise<Link> {
    const link = (await this.state.links.byAnchor('corp', [ANN])).get(ANN);
    if (link === undefined) throw new Error('Ann has no link');
    return link;
  }

  audit(runId = RUN): Promise<AuditRow[]> {
    return auditOf(this.state, runId);
  }

  private ours(): Activities {
    return (this.worker ??= this.activities());
  }

  /** Users with Ann's login. */
  users(): SimUser[] {
    return this.simulator.users().filter(({ userName }) => userName === LOGIN);
  }

  /** Requests after the first `from`. */
  requests(from = 0): string[] {
    const asText = ({ method, path }: RequestLogEntry): string => `${method} ${decodeURIComponent(path)}`;
    return this.simulator.log
      .slice(from)
      .filter(({ on }) => on === 'api')
      .map(asText);
  }
}

/** Of an activity that has been tried before: claims that it finds are its own. */
function environment(attempt = 2): MockActivityEnvironment {
  return new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
}

/** A planned change of Ann that ends in a PATCH; every value wanted is new to her. */
export function patchOf(
  kind: 'update' | 'reactivate' | 'deactivate',
  link: Link,
  more: DesiredAttribute[] = [owned('title', 'Boss')],
): PlannedChange {
  const leaves = kind === 'deactivate';
  const operations: PatchOperation[] = leaves
    ? [{ op: 'replace', path: 'active', value: false }]
    : more.map(({ path, value }) => ({ op: 'replace', path, value: value ?? '' }));
  return changeOf({
    kind,
    genesysId: link.genesysId,
    reason: `to be ${kind}d`,
    before: Object.fromEntries(operations.map(({ path }) => [path, null])),
    after: Object.fromEntries(operations.map(({ path, value }) => [path, value ?? null])),
    desired: leaves ? null : desiredUser([...IDENTITY, ...more]),
    operations: kind === 'reactivate' ? null : operations,
  });
}
