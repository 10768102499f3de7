import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunReport } from '../../model/run.ts';
import type { CommandResult, Rollcall } from './rollcall.ts';
import { connectTemporal } from './temporal.ts';

/** Secrets of the stages: none of them may show anywhere. */
export const PLANTED = {
  bindPassword: 'planted-b1nd-passw0rd',
  clientSecret: 'planted-cl1ent-secret',
  statePassword: 'planted-p0stgres-passw0rd',
  apiKey: 'planted-temp0ral-key',
} as const;

/** The planted ones, those of the test servers, and what the simulator's tokens look like. */
const SECRET = new RegExp(
  `${Object.values(PLANTED).join('|')}|reader-password|limited-password|Reader-passw0rd|sim-[0-9a-f]{8}-[0-9a-f]{4}-|Bearer `,
);

/** One sentence that ends as one, neither a stack trace nor somebody else's words, and no secret in it. */
export function expectSentence(text: string): void {
  expect(text).toMatch(/^\S[^\n]*[.?]$/);
  expect(text).not.toMatch(/\bat \S+ \(|node:internal|\[object |\bundefined\b|Unexpected:|Error:/);
  expect(text).not.toMatch(SECRET);
}

/** Refused before anything was started: nothing on stdout, one sentence on stderr. Returns the sentence. */
export function expectRefused({ status, stdout, stderr }: CommandResult, exit: 1 | 2): string {
  expect({ status, stdout, stderr }).toMatchObject({ status: exit, stdout: '' });
  const sentence = stderr.trimEnd();
  expectSentence(sentence);
  return sentence;
}

/**
 * A run under a worker with this bad configuration. Makes sure of what holds for every failed run: exit 1, the report
 * on stdout with one sentence, nothing written, in time, and no secret anywhere.
 */
export async function failedRun(rollcall: Rollcall): Promise<RunReport> {
  const worker = await rollcall.startWorker();
  const { status, report, stderr } = await rollcall.startSync();
  await worker.kill();
  expect({ status, stderr, outcome: report.outcome }).toEqual({ status: 1, stderr: '', outcome: 'failed' });
  expectSentence(report.error ?? '');
  expect(report).toMatchObject({ heldBatch: null, requests: { write: 0 } });
  expect(report.durationMs).toBeLessThan(30_000);
  expectNoSecret({ log: worker.log() });
  await expectNothingKept(rollcall);
  return report;
}

/** What `check` finds wrong, by name; no worker is needed for it. */
export async function failedChecks(rollcall: Rollcall): Promise<Record<string, string>> {
  const { status, stdout, stderr } = await rollcall.run('check', '--json');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expectNoSecret({ stdout });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
  const failed = checks.filter(({ ok }) => !ok);
  for (const { detail } of failed) expectSentence(detail);
  return Object.fromEntries(failed.map(({ name, detail }) => [name, detail]));
}

export function expectNoSecret(texts: Record<string, string>): void {
  for (const [where, text] of Object.entries(texts)) {
    expect({ where, found: SECRET.exec(text)?.[0] ?? null }).toEqual({ where, found: null });
    expect({ where, stack: /\n\s+at \S/.exec(text)?.[0] ?? null }).toEqual({ where, stack: null });
  }
}

/** No secret in the state's files nor in the run's history. */
export async function expectNothingKept(rollcall: Rollcall): Promise<void> {
  const folder = join(rollcall.folder, '.rollcall');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    expectNoSecret({ [name]: readFileSync(join(folder, name), 'latin1') });
  }
  const { client, close } = await connectTemporal();
  try {
    const history = await client.workflow.getHandle(`rollcall:${rollcall.sync}`).fetchHistory();
    expectNoSecret({ history: Buffer.from(JSON.stringify(history), 'utf8').toString() + decoded(history) });
  } finally {
    await close();
  }
}

/** Payloads stand in a history as bytes. */
function decoded(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(decoded).join(' ');
}

export interface SilentServer {
  port: number;
  close(): Promise<void>;
}

/** Takes connections on 127.0.0.1 and never says a word. */
export async function listenSilently(): Promise<SilentServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lets so many tasks go on at once; the others wait their turn. */
export function atMost(count: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
