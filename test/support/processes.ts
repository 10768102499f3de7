import type { ChildProcess } from 'node:child_process';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Free ports on a loopback address, all different. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, host)));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A server that holds a port and answers nobody. Rejects when the port is taken. */
export async function listen(port: number, host: string): Promise<net.Server> {
  const server = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** Waits until something listens on the port; rejects when the process ends first or after a minute. */
export async function untilListening(port: number, host: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (server.exitCode !== null || server.signalCode !== null)
      throw new Error(`${server.spawnfile} ended before it listened`);
    if (await answers(port, host)) return;
    await sleep(50);
  }
  throw new Error(`${server.spawnfile} does not listen on ${host}:${port}`);
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Ends a process, or with `group` its whole process group, and waits for it; after 10 s by force. */
export async function end(child: ChildProcess, { group = false } = {}): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  const target = group ? -pid : pid;
  signal(target, 'SIGTERM');
  const forced = setTimeout(() => signal(target, 'SIGKILL'), 10_000);
  await gone;
  clearTimeout(forced);
  // The leader of a group goes first; what it left behind must go as well.
  if (group) signal(target, 'SIGKILL');
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}
