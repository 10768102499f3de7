import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { PlanReport, RunReport } from '../../model/run.ts';
import { builtProduct } from './build.ts';
import { uniqueSyncName } from './temporal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A worker has to load the SDK's native part and a bundle; a loaded machine is slow. */
const READY_MS = 60_000;

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  /** What it has printed on stderr so far. */
  stderr(): string;
  ended: Promise<CommandResult>;
}

export interface WorkerProcess {
  pid: number;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait until it is gone. */
  stop(): Promise<void>;
  /** What it has logged so far. */
  log(): string;
}

/** One installation of the product in a folder of its own: configuration, state, worker processes, commands. */
export class Rollcall {
  readonly sync: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  private readonly workers = new Set<ChildProcess>();
  /** Where its processes run. */
  private readonly cwd: string;

  /** `configuration`: what rollcall.yaml shall say beside the name; null = no file, an empty folder and the environment. */
  constructor(configuration: Record<string, unknown> | null, env: NodeJS.ProcessEnv = {}) {
    this.sync = configuration === null ? 'default' : uniqueSyncName();
    this.folder = mkdtempSync(join(tmpdir(), 'rollcall-e2e-'));
    this.cwd = configuration === null ? this.folder : ROOT;
    this.env = { ...process.env, ...temporalEnv(), NO_COLOR: '1', ...env };
    if (configuration !== null) this.configure(configuration);
  }

  get configFile(): string {
    return join(this.folder, 'rollcall.yaml');
  }

  /** Writes rollcall.yaml anew; a running worker keeps what it read. */
  configure(configuration: Record<string, unknown>): void {
    writeFileSync(this.configFile, stringify({ name: this.sync, ...configuration }));
  }

  async startWorker(): Promise<WorkerProcess> {
    const child = this.spawn('worker/main.ts', []);
    this.workers.add(child);
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      await terminate(child, signal);
      this.workers.delete(child);
    };
    const log = collect(child.stderr);
    await ready(child);
    return { pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM'), log };
  }

  /** Runs a worker that is expected to end by itself. */
  async runWorker(): Promise<CommandResult> {
    return finished(this.spawn('worker/main.ts', []));
  }

  /** Runs a command to its end, as an operator would type it. */
  run(...args: string[]): Promise<CommandResult> {
    return this.runWith(this.configFile, ...args);
  }

  /** Begins a command, to be watched while it runs. */
  begin(...args: string[]): RunningCommand {
    return watched(this.spawn('client/main.ts', args));
  }

  /** The same as {@link run} with another configuration file. */
  runWith(configFile: string, ...args: string[]): Promise<CommandResult> {
    return finished(this.spawn('client/main.ts', args, configFile));
  }

  /** A run followed to its end: exit status and the object of `--json`. */
  async startSync(...args: string[]): Promise<{ status: number | null; report: RunReport; stderr: string }> {
    const { status, stdout, stderr } = await this.run('start-sync', '--wait', '--json', ...args);
    return { status, report: parse(stdout, stderr), stderr };
  }

  async plan(): Promise<PlanReport> {
    const { stdout, stderr } = await this.run('plan', '--json');
    return parse(stdout, stderr);
  }

  /** SIGTERM to every worker, and wait until they are gone. */
  async stopWorkers(): Promise<void> {
    await Promise.all([...this.workers].map((child) => terminate(child, 'SIGTERM')));
    this.workers.clear();
  }

  /** SIGKILL to every worker, and wait until they are gone: a crash. */
  async killWorkers(): Promise<void> {
    await Promise.all([...this.workers].map((child) => terminate(child, 'SIGKILL')));
    this.workers.clear();
  }

  /** Ends every process and removes the folder. */
  async close(): Promise<void> {
    await Promise.all([...this.workers].map((child) => terminate(child, 'SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(script: string, args: string[], configFile = this.configFile) {
    const config = args[0] === '--version' || this.cwd === this.folder ? [] : ['--config', configFile];
    const command = [join(builtProduct(), script.replace(/ts$/, 'js')), ...args, ...config];
    return spawn(process.execPath, command, { cwd: this.cwd, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

function temporalEnv(): NodeJS.ProcessEnv {
  const address = process.env['ROLLCALL_TEST_TEMPORAL_ADDRESS'];
  const bundle = process.env['ROLLCALL_TEST_BUNDLE'];
  return {
    ...(address === undefined ? {} : { TEMPORAL_ADDRESS: address }),
    ...(bundle === undefined ? {} : { ROLLCALL_WORKFLOW_BUNDLE: bundle }),
  };
}

function watched(child: ChildProcess): RunningCommand {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close').then(([status]) => {
    return { status: status as number | null, stdout: stdout(), stderr: stderr() };
  });
  return { stderr, ended };
}

function finished(child: ChildProcess): Promise<CommandResult> {
  return watched(child).ended;
}

async function ready(child: ChildProcess): Promise<void> {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const end = performance.now() + READY_MS;
  while (!stdout().includes('ready')) {
    if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}: ${stderr()}`);
    if (performance.now() > end) throw new Error(`the worker is not ready: ${stdout()}${stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function terminate(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function parse<T>(stdout: string, stderr: string): T {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`no JSON on stdout: ${stdout}\n${stderr}`);
  }
}
