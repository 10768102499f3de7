import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities, type Activities } from '../../activities/index.ts';
import type { WriteResult } from '../../activities/write-attempt.ts';
import { openGenesys, type Genesys } from '../../genesys/open.ts';
import type { Pace } from '../../genesys/pace.ts';
import { unpaced } from '../../genesys/pace.ts';
import type { ChangeKind, PlannedChange } from '../../model/change.ts';
import type { Settings } from '../../model/settings.ts';
import type { Link } from '../../model/user.ts';
import { startSimulator, type RequestLogEntry, type SimUser, type Simulator } from '../../simulator/start.ts';
import type { AuditRow, ChangeRef, ChangeRow, State } from '../../state/state.ts';
import { ConfigFolder, config } from './config-folder.ts';
import { simulatorTarget, UNPACED } from './configuration.ts';
import { ANN, changeOf, desiredUser, linkOf, owned } from './people.ts';
import { runStart, statePlace, type StatePlace } from './state.ts';
import { auditOf } from './traces.ts';

export const RUN = 'run-1';
export const LOGIN = 'ann.lee@example.com';
/** Gives up long before a test does; the simulator answers within milliseconds. */
const REQUEST_TIMEOUT_MS = 1_000;
const INDEX_LAG_MS = 60_000;
const MINUTE_MS = 60_000;

/** What the shipped mapping says about Ann's identity. */
export const IDENTITY = [
  owned('externalId', ANN),
  owned(
    `urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User:externalIds[authority eq "ldap-entryuuid"]`,
    { authority: 'ldap-entryuuid', value: ANN },
  ),
];

/** Writes of single users on a real state and a real simulator, without a Temporal server. */
export class WriteBench {
  readonly state: State;
  readonly simulator: Simulator;
  readonly settings: Settings;
  /** Set to the past to store times as if they had been minutes ago. */
  minutesAgo = 0;
  private readonly place: StatePlace;
  private readonly folder: ConfigFolder;
  private readonly clients: Genesys[] = [];

  private constructor(parts: { state: State; simulator: Simulator; place: StatePlace; folder: ConfigFolder }) {
    this.state = parts.state;
    this.simulator = parts.simulator;
    this.place = parts.place;
    this.folder = parts.folder;
    const target = { ...simulatorTarget(parts.simulator), indexLag: `${INDEX_LAG_MS / 1_000}s` };
    this.settings = parts.folder.load(config({ target }));
  }

  static async open(): Promise<WriteBench> {
    const place = await statePlace('sqlite');
    const simulator = await startSimulator(UNPACED);
    const clock = { minutesAgo: () => 0 };
    const now = (): Date => new Date(Date.now() - clock.minutesAgo() * MINUTE_MS);
    const bench = new WriteBench({ state: await place.open({ now }), simulator, place, folder: new ConfigFolder() });
    clock.minutesAgo = () => bench.minutesAgo;
    return bench;
  }

  async close(): Promise<void> {
    this.simulator.faults.clear();
    this.simulator.faults.release();
    await Promise.all(this.clients.map((client) => client.close()));
    await this.place.close();
    await this.simulator.stop();
    this.folder.remove();
  }

  /** Activities of a worker of its own, with a Genesys client of its own. */
  activities(pace: Pace = unpaced): Activities {
    const genesys = openGenesys(this.settings.target, pace, { requestTimeoutMs: REQUEST_TIMEOUT_MS });
    this.clients.push(genesys);
    return createActivities({ settings: this.settings, state: this.state, genesys });
  }

  /** Opens a run with these changes, numbered from 1 in order of kind and anchor. */
  async plan(changes: PlannedChange[], runId = RUN): Promise<void> {
    await this.state.runs.open(runStart(runId));
    await this.state.changes.begin(runId);
    await this.state.changes.add(runId, 'corp', changes);
    await this.state.changes.number(runId);
  }

  /** A create of Ann, planned as change 1. */
  async planCreate(more: Partial<PlannedChange> = {}): Promise<void> {
    await this.plan([changeOf({ desired: desiredUser(IDENTITY), ...more })]);
  }

  /** Creates Ann by a run of her own and closes it. */
  async linkAnn(): Promise<Link> {
    await this.plan([changeOf({ desired: desiredUser(IDENTITY) })], 'run-0');
    await this.write({ runId: 'run-0' });
    await this.state.runs.close('run-0', { outcome: 'completed', error: null, heldBatch: null });
    return this.link();
  }

  /** Ann, linked, with a change of her title planned as change 1. */
  async planUpdate(title = 'Boss'): Promise<Link> {
    const link = await this.linkAnn();
    const desired = desiredUser([...IDENTITY, owned('title', title)]);
    await this.plan([
      changeOf({
        kind: 'update',
        genesysId: link.genesysId,
        reason: 'title changed',
        before: { title: null },
        after: { title },
        desired,
        operations: [{ op: 'replace', path: 'title', value: title }],
      }),
    ]);
    return link;
  }

  /** Runs one attempt of a write as Temporal would. */
  write(ref: Partial<ChangeRef> & { by?: Activities; attempt?: number } = {}): Promise<WriteResult> {
    const { by = this.activities(), attempt = 1, runId = RUN, seq = 1 } = ref;
    const environment = new MockActivityEnvironment({ attempt });
    return environment.run(by.createUser, { runId, seq, actor: 'alice' });
  }

  resolveUnfinished(runId: string): Promise<void> {
    return new MockActivityEnvironment().run(this.activities().resolveUnfinished, { runId, sync: 'corp' });
  }

  async change(runId = RUN, seq = 1): Promise<ChangeRow> {
    const row = await this.state.changes.get(runId, seq);
    if (row === null) throw new Error(`run ${runId} has no change ${seq}`);
    return row;
  }

  /** Ann's link; fails when there is none. */
  async link(): Promise<Link> {
    return (await this.state.links.byAnchor('corp', [ANN])).get(ANN) ?? linkOf({ genesysId: 'no link' });
  }

  audit(runId = RUN): Promise<AuditRow[]> {
    return auditOf(this.state, runId);
  }

  /** Users with Ann's login. */
  users(): SimUser[] {
    return this.simulator.users().filter(({ userName }) => userName === LOGIN);
  }

  /** Requests after the first `from`. */
  requests(from = 0): string[] {
    const asText = ({ method, path }: RequestLogEntry): string => `${method} ${decodeURIComponent(path)}`;
    return this.simulator.log.slice(from).filter(({ on }) => on === 'api').map(asText);
  }
}

/** The kinds whose activities share the protocol; the activity's name only says what the Web UI shows. */
export const WRITING: readonly ChangeKind[] = ['create', 'update', 'reactivate', 'deactivate'];
