import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { simulatorTarget, slapdDirectory } from '../test/support/configuration.ts';
import { startSlapd, type Slapd } from '../test/support/slapd.ts';
import { uniqueSyncName } from '../test/support/temporal.ts';
import { ensurePackages } from '../tools/packages.ts';
import { startServer, waitUntilReady } from '../tools/server-process.ts';
import { ensureTemporal, startTemporal, type TemporalServer } from '../tools/temporal.ts';
import { companyLdif, PEOPLE } from './company.ts';
import { colourEnvironment } from './narrate.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What Genesys Cloud allows one OAuth client; the simulator holds Rollcall to it. */
export const REQUESTS_PER_MINUTE = 300;
/** Far more often than anybody needs, for a reader who waits. */
export const DELTAS = 'every 5s';
/** The worker bundles its workflows first; a loaded machine is slow. */
const WORKER_READY_MS = 90_000;

/** Takes what ends a part; {@link Stage.close} calls the last one first. */
type Closer = () => Promise<void>;

/** The real parts of the tour, in a folder of its own, all on 127.0.0.1. */
export class Stage {
  readonly sync = uniqueSyncName('demo');
  readonly folder: string;
  /** Variables that the commands and the worker need, for a reader's own shell too. */
  readonly variables: Record<string, string> = {};
  private readonly signal: AbortSignal;
  private readonly closers: Closer[] = [];
  private closing: Promise<void> | null = null;
  private parts: { slapd?: Slapd; simulator?: Simulator; temporal?: TemporalServer } = {};

  private constructor(folder: string, signal: AbortSignal) {
    this.folder = folder;
    this.signal = signal;
    this.closers.push(() => rm(folder, { recursive: true, force: true }));
  }

  /** `signal`: no further part is started once it is aborted. */
  static async open(signal: AbortSignal): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'rollcall-demo-')), signal);
  }

  get slapd(): Slapd {
    return present(this.parts.slapd);
  }

  get simulator(): Simulator {
    return present(this.parts.simulator);
  }

  get temporal(): TemporalServer {
    return present(this.parts.temporal);
  }

  get configFile(): string {
    return join(this.folder, 'rollcall.yaml');
  }

  /** A file that gives a shell the {@link variables}. */
  get variablesFile(): string {
    return join(this.folder, 'variables.sh');
  }

  /** The environment of every command: a reader's own TEMPORAL_* does not lead it to another server. */
  get environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => this.isForeign || !name.startsWith('TEMPORAL_'));
    return { ...Object.fromEntries(own), ...this.variables, ...colourEnvironment() };
  }

  /** Looks for slapd and Temporal and installs what is missing; both show their own progress. */
  async install(): Promise<void> {
    await ensurePackages(['slapd']);
    this.signal.throwIfAborted();
    await ensureTemporal();
    this.signal.throwIfAborted();
  }

  /** The servers: directory, Temporal, and the simulator in this process. */
  async startServers(): Promise<void> {
    const started = await Promise.allSettled([this.startDirectory(), this.startGenesys(), this.startTemporal()]);
    this.signal.throwIfAborted();
    for (const part of started) if (part.status === 'rejected') throw part.reason;
    await this.writeConfiguration();
  }

  async startWorker(): Promise<void> {
    const logFile = join(this.folder, 'worker.log');
    const args = ['--import', 'tsx', join(ROOT, 'worker/main.ts')];
    const worker = await startServer(process.execPath, args, { logFile, env: this.environment, cwd: ROOT });
    this.closers.push(() => worker.stop());
    const log = (): string => readFileSync(logFile, 'utf8');
    const ready = await waitUntilReady(
      worker,
      () => Promise.resolve(log().includes('ready') || this.signal.aborted),
      WORKER_READY_MS,
    );
    this.signal.throwIfAborted();
    if (!ready) throw new Error(`The worker did not become ready: ${log().trim().split('\n').at(-1) ?? ''}`);
  }

  /** Ends every part, the last one first, and removes the folder. A second call waits for the first. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  /** True for a Temporal server that ran already (TEMPORAL_ADDRESS): its other variables count too. */
  private get isForeign(): boolean {
    return this.parts.temporal?.pid === null;
  }

  private async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.closers.reverse()) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  private async startDirectory(): Promise<void> {
    const slapd = await startSlapd({ ldif: companyLdif() });
    this.parts.slapd = slapd;
    this.closers.push(() => slapd.stop());
  }

  private async startGenesys(): Promise<void> {
    const simulator = await startSimulator({ requestsPerMinute: REQUESTS_PER_MINUTE });
    this.parts.simulator = simulator;
    this.closers.push(() => simulator.stop());
  }

  private async startTemporal(): Promise<void> {
    const files = { dbFile: join(this.folder, 'temporal.db'), logFile: join(this.folder, 'temporal.log') };
    const temporal = await startTemporal(files);
    this.parts.temporal = temporal;
    this.closers.push(() => temporal.stop());
  }

  private async writeConfiguration(): Promise<void> {
    const configuration = {
      name: this.sync,
      directories: [slapdDirectory(this.slapd, { bases: [PEOPLE] })],
      target: simulatorTarget(this.simulator, { requestsPerMinute: REQUESTS_PER_MINUTE }),
      defaultRegion: 'DE',
      schedule: { delta: DELTAS },
    };
    await writeFile(this.configFile, stringify(configuration), { mode: 0o600 });
    Object.assign(this.variables, { ROLLCALL_CONFIG: this.configFile, TEMPORAL_ADDRESS: this.temporal.address });
    if (!this.isForeign) {
      // A file of its own, because the reader's temporal.toml may ask for TLS or another namespace.
      const file = join(this.folder, 'temporal.toml');
      await writeFile(file, '[profile.default]\nnamespace = "default"\n');
      Object.assign(this.variables, { TEMPORAL_CONFIG_FILE: file });
    }
    const lines = Object.entries(this.variables).map(([name, value]) => `export ${name}='${value}'\n`);
    await writeFile(this.variablesFile, lines.join(''));
  }
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The demo asked for a part before it was started.');
  return part;
}
