import type { RunReport } from '../../model/run.ts';
import {
  startSimulator,
  type RequestLogEntry,
  type SimUser,
  type Simulator,
  type SimulatorOptions,
} from '../../simulator/start.ts';
import { simulatorTarget, UNPACED } from './configuration.ts';
import { Rollcall } from './rollcall.ts';

export interface StageOptions {
  /** `directories` of rollcall.yaml. */
  directories: Record<string, unknown>[];
  /** What else rollcall.yaml shall say; `target` adds to the simulator's. Default `safety.firstRun: apply`. */
  configuration?: Record<string, unknown>;
  target?: Record<string, unknown>;
  simulator?: Partial<SimulatorOptions>;
  /** Of worker and commands, besides this process' own. */
  env?: NodeJS.ProcessEnv;
  /** How many workers start. Default 1. */
  workers?: number;
}

/** What a command did: its end, and the writes that the simulator received meanwhile. */
export interface Played<T> {
  status: number | null;
  json: T;
  stderr: string;
  writes: RequestLogEntry[];
}

export interface PatchBody {
  Operations: { op: string; path: string; value?: unknown }[];
}

/** One installation of the product with a Genesys Cloud of its own. */
export class Stage {
  readonly simulator: Simulator;
  readonly rollcall: Rollcall;
  private readonly options: StageOptions;

  private constructor(simulator: Simulator, options: StageOptions) {
    this.simulator = simulator;
    this.options = options;
    this.rollcall = new Rollcall(this.configurationOf(options), options.env);
  }

  /** Starts simulator and workers. */
  static async open(options: StageOptions): Promise<Stage> {
    const simulator = await startSimulator({ ...UNPACED, ...options.simulator });
    const stage = new Stage(simulator, options);
    for (let n = 0; n < (options.workers ?? 1); n += 1) await stage.rollcall.startWorker();
    return stage;
  }

  /** Writes another configuration; workers that run keep theirs. */
  configure(changes: Partial<StageOptions>): void {
    this.rollcall.configure(this.configurationOf({ ...this.options, ...changes }));
  }

  /** Writes another configuration and starts a worker with it in place of those that run. */
  async reconfigure(changes: Partial<StageOptions>): Promise<void> {
    this.configure(changes);
    await this.rollcall.stopWorkers();
    await this.rollcall.startWorker();
  }

  /** `start-sync --wait --json`. */
  sync(...args: string[]): Promise<Played<RunReport>> {
    return this.play('start-sync', '--wait', '--json', ...args);
  }

  /** A run that brings that many people into Genesys Cloud; fails when it is otherwise. */
  async firstRun(people: number): Promise<void> {
    const { status, json } = await this.sync();
    const { applied } = json.changes.create;
    if (status !== 0 || applied !== people) throw new Error(`a first run went wrong: ${JSON.stringify(json)}`);
  }

  /** Any command with `--json` to its end; stdout has to be one JSON document and nothing else. */
  async play<T>(...args: string[]): Promise<Played<T>> {
    const from = this.simulator.log.length;
    const { status, stdout, stderr } = await this.rollcall.run(...args);
    let json: T;
    try {
      json = JSON.parse(stdout) as T;
    } catch {
      throw new Error(`${args.join(' ')} printed no JSON document: ${stdout}\n${stderr}`);
    }
    return { status, json, stderr, writes: this.writesSince(from) };
  }

  /** Writes that the simulator received after that many requests. */
  writesSince(from: number): RequestLogEntry[] {
    return this.simulator.log.slice(from).filter(({ on, method }) => on === 'api' && method !== 'GET');
  }

  /** The user with that login; fails when there is none. */
  user(login: string): SimUser {
    const found = this.simulator.users().find(({ userName }) => userName.split('@')[0] === login);
    if (found === undefined) throw new Error(`the simulator has no user ${login}`);
    return found;
  }

  /** The operations of every PATCH by the login of the user it went to; fails on two PATCHes of one user. */
  patches(writes: readonly RequestLogEntry[]): Record<string, PatchBody['Operations']> {
    const byId = new Map(this.simulator.users().map((user) => [user.id, user.userName.split('@')[0] ?? '']));
    const patches: Record<string, PatchBody['Operations']> = {};
    for (const { method, path, body } of writes) {
      if (method !== 'PATCH') continue;
      const login = byId.get(path.split('/').at(-1) ?? '') ?? path;
      if (login in patches) throw new Error(`${login} was patched twice`);
      patches[login] = (body as PatchBody).Operations;
    }
    return patches;
  }

  async close(): Promise<void> {
    await this.rollcall.close();
    await this.simulator.stop();
  }

  private configurationOf(options: StageOptions): Record<string, unknown> {
    return {
      directories: options.directories,
      target: simulatorTarget(this.simulator, options.target),
      safety: { firstRun: 'apply' },
      defaultRegion: 'DE',
      ...options.configuration,
    };
  }
}
