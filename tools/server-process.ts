import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server may take to end by itself before it is killed, in milliseconds. */
const GRACE_MS = 10_000;

export interface ServerProcess {
  pid: number;
  /** True while the process runs. */
  isRunning(): boolean;
  /** Asks it to end (SIGTERM), kills it after 10 s, and waits until it is gone. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a server whose output goes to a file (appended). It is in the way of nobody afterwards: should this process
 * end without `stop()`, even by `process.exit()` or Ctrl-C in a test run, the server is told to end as well.
 */
export async function startServer(
  command: string,
  args: string[],
  options: { logFile: string; env?: NodeJS.ProcessEnv; cwd?: string },
): Promise<ServerProcess> {
  const log = openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const killWithUs = () => child.kill('SIGTERM');
  process.on('exit', killWithUs);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => process.off('exit', killWithUs));
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid!,
    isRunning,
    stop: async () => {
      if (!isRunning()) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** A TCP port of 127.0.0.1 that nobody listens on. Somebody else may take it before you do: be ready to try again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Polls until `isReady` says so; false when the time is over or the server has ended. Its errors count as not ready. */
export async function waitUntilReady(
  server: ServerProcess,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (server.isRunning() && performance.now() < end) {
    if (await isReady().catch(() => false)) return true;
    await sleep(100);
  }
  return false;
}
