import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { RollcallError } from '../model/errors.ts';
import { freePort, startServer, waitUntilReady, type ServerProcess } from './server-process.ts';
import { installedTemporal, ownTemporal } from './temporal-binary.ts';

/** A running server's address, or a `temporal` program whose `server start-dev` is one. */
export type TemporalSource = { kind: 'address'; address: string } | { kind: 'binary'; path: string };

/** Measured 0.4 s on two cores; a loaded machine is slower. */
const START_TIMEOUT_MS = 60_000;
/** Ports are found free and then used: somebody else may be quicker. */
const START_ATTEMPTS = 3;
/** With SQLite's default pragmas the server does 150 activities a second, with these 400 (measured on two cores). */
const PRAGMAS = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];

/**
 * Finds a Temporal server or makes one: `TEMPORAL_ADDRESS`, `temporal` on PATH, the project's cache, the download of
 * the pinned version, or a build of the Go module `tools/temporal-cli`, which is then kept in the cache
 * (`$XDG_CACHE_HOME/rollcall`, else `~/.cache/rollcall`).
 *
 * @throws RollcallError `temporal.unreachable` saying what to install when none of them can be had
 */
export async function ensureTemporal(): Promise<TemporalSource> {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address !== undefined && address !== '') return { kind: 'address', address };
  return { kind: 'binary', path: (await installedTemporal()) ?? (await ownTemporal()) };
}

export interface TemporalOptions {
  /** The server's database; an existing one is carried on with. */
  dbFile: string;
  /** Default: a free one. Give it to start again at the address of an earlier server. */
  port?: number;
  /** Default: a free one. Only with `ui`. */
  uiPort?: number;
  /** Whether to serve the Web UI. Default true. */
  ui?: boolean;
  /** Takes what the server prints; appended to. */
  logFile: string;
}

export interface TemporalServer {
  /** `host:port` for clients and workers. */
  address: string;
  /** The Web UI; null without it, and for a server that ran already. */
  uiUrl: string | null;
  /** Null for a server that ran already (`TEMPORAL_ADDRESS`). */
  pid: number | null;
  /** Ends the server and waits for it; does nothing to a server that ran already. */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal server on 127.0.0.1 and waits until its namespace `default` can be used. With `TEMPORAL_ADDRESS` set
 * it starts nothing and gives that server.
 *
 * @throws RollcallError `temporal.unreachable` when the server does not come up within 60 s
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const source = await ensureTemporal();
  if (source.kind === 'address') {
    return { address: source.address, uiUrl: null, pid: null, stop: () => Promise.resolve() };
  }
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    const server = await tryToStart(source.path, options);
    if (server !== null) return server;
    await sleep(200);
  }
  throw new RollcallError(
    'temporal.unreachable',
    `The Temporal server did not start; ${options.logFile} has its own words.`,
  );
}

/** Null when the server ended or did not answer in time. */
async function tryToStart(binary: string, options: TemporalOptions): Promise<TemporalServer | null> {
  const port = options.port ?? (await freePort());
  const uiPort = (options.ui ?? true) ? (options.uiPort ?? (await freePort())) : null;
  const address = `127.0.0.1:${port}`;
  const ui = uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)];
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), ...ui];
  args.push('--db-filename', options.dbFile, ...PRAGMAS, '--log-level', 'warn');
  const server = await startServer(binary, args, { logFile: options.logFile });
  if (!(await waitUntilReady(server, () => hasNamespace(address, server), START_TIMEOUT_MS))) {
    await server.stop();
    return null;
  }
  const uiUrl = uiPort === null ? null : `http://127.0.0.1:${uiPort}`;
  return { address, uiUrl, pid: server.pid, stop: () => server.stop() };
}

/** True when the server answers for its namespace and still runs: another server might answer at a port it lost. */
async function hasNamespace(address: string, server: ServerProcess): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return server.isRunning();
  } finally {
    await connection.close();
  }
}
