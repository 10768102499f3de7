import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { Pool } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { startHttpServer } from '../test/support/http-server.ts';
import type { HttpServer, Reply } from '../test/support/http-server.ts';
import { MAX_ANSWER_BYTES, exchange } from './exchange.ts';
import type { ExchangeLimits, HttpRequest, Outcome } from './exchange.ts';

const POST: HttpRequest = { method: 'POST', path: '/users', headers: {}, body: '{"userName":"x"}' };
const GET: HttpRequest = { method: 'GET', path: '/users', headers: {}, body: null };
const LIMITS: ExchangeLimits = { timeoutMs: 20_000, finishOnceSent: false };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function server(reply: Reply): Promise<HttpServer> {
  const started = await startHttpServer(reply);
  opened.push(started);
  return started;
}

function pool(origin: string, connections = 1): Pool {
  const made = new Pool(origin, { connections, connect: { timeout: 2_000 } });
  opened.push({ close: () => made.destroy() });
  return made;
}

/** A server of raw bytes: what to write back once a request arrived, and how to end. */
async function rawServer(bytes: string, end: 'end' | 'reset' | 'stay'): Promise<string> {
  const raw: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(bytes, () => {
        if (end === 'end') socket.end();
        if (end === 'reset') socket.resetAndDestroy();
      });
    });
    opened.push({ close: async () => socket.destroy() });
  });
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  opened.unshift({ close: () => new Promise((resolve) => raw.close(resolve)) });
  return `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test('an answer comes whole, with status, headers and body', async () => {
  const { origin } = await server((request, response) => {
    response.writeHead(201, { 'inin-correlation-id': 'c-1' });
    response.end(`got ${request.body}`);
  });
  const outcome = await exchange(pool(origin), POST, LIMITS);
  expect(outcome).toMatchObject({ kind: 'answered', status: 201, headers: { 'inin-correlation-id': 'c-1' } });
  expect(outcome.kind === 'answered' && outcome.body.toString()).toBe('got {"userName":"x"}');
});

test('an interim answer is not taken for the answer', async () => {
  const origin = await rawServer(
    `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${HEAD}content-length: 2\r\n\r\n{}`,
    'stay',
  );
  expect(await exchange(pool(origin), GET, LIMITS)).toMatchObject({ kind: 'answered', status: 200 });
});

test.each([
  ['a reset before any answer', '', 'reset', 'lost'],
  ['an end before any answer', '', 'end', 'lost'],
  ['a reset amid the headers', HEAD, 'reset', 'lost'],
  ['a reset amid the body', `${HEAD}content-length: 100\r\n\r\n{"id":`, 'reset', 'lost'],
  ['an end amid the body', `${HEAD}content-length: 100\r\n\r\n{"id":`, 'end', 'lost'],
  ['an end amid chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n`, 'end', 'lost'],
  [
    'an end amid chunks of a closing answer',
    `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n`,
    'end',
    'lost',
  ],
  ['bytes that are no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'stay', 'garbled'],
] as const)('%s leaves the outcome open', async (_name, bytes, end, reason) => {
  const origin = await rawServer(bytes, end);
  expect(await exchange(pool(origin), POST, LIMITS)).toMatchObject({ kind: 'unanswered', reason, sent: true });
});

test.each([
  ['no answer', ''],
  ['half the headers', HEAD],
  ['half the body', `${HEAD}content-length: 100\r\n\r\n{"id":`],
])('a server that hangs after %s times out, and the connection is not used again', async (_name, bytes) => {
  const origin = await rawServer(bytes, 'stay');
  const limits = { ...LIMITS, timeoutMs: 500 };
  const connections = pool(origin);
  expect(await exchange(connections, POST, limits)).toMatchObject({ reason: 'timeout', sent: true });
  expect(await exchange(connections, POST, limits)).toMatchObject({ reason: 'timeout', sent: true });
});

test('a refused connection was certainly not sent', async () => {
  const gone = await startHttpServer(() => {});
  await gone.close();
  const outcome = await exchange(pool(gone.origin), POST, LIMITS);
  expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'refused', sent: false });
});

test('a host that no name server knows was certainly not sent to', async () => {
  const outcome = await exchange(pool('http://api.nowhere.invalid'), POST, LIMITS);
  expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'unknown-host', sent: false });
});

test('a request that waits too long for a free connection is never sent', async () => {
  const { origin, received } = await server((request, response) => {
    setTimeout(() => response.end(request.path), 400);
  });
  const one = pool(origin);
  const first = exchange(one, GET, LIMITS);
  const second = await exchange(one, POST, { ...LIMITS, timeoutMs: 50 });
  expect(second).toMatchObject({ kind: 'unanswered', reason: 'timeout', sent: false });
  expect(await first).toMatchObject({ status: 200 });
  expect(await exchange(one, GET, LIMITS)).toMatchObject({ status: 200 });
  expect(received.map(({ method }) => method)).toEqual(['GET', 'GET']);
});

test('an answer over 20 MB is not read to its end', async () => {
  let written = 0;
  const { origin } = await server((_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const write = (): void => {
      while (!response.destroyed && written < 200 && response.write(chunk)) written += 1;
      if (!response.destroyed && written < 200) response.once('drain', write);
    };
    write();
  });
  const outcome: Outcome = await exchange(pool(origin), GET, LIMITS);
  expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'too-large', sent: true });
  expect(written * 1024 * 1024).toBeLessThan(MAX_ANSWER_BYTES * 3);
});

test('a signal ends a read at once, with its own reason', async () => {
  const stop = new AbortController();
  const { origin } = await server(() => stop.abort(new Error('cancelled by the operator')));
  await expect(exchange(pool(origin), GET, { ...LIMITS, signal: stop.signal })).rejects.toThrow(
    'cancelled by the operator',
  );
});

test('a signal that has fired already sends nothing', async () => {
  const { origin, received } = await server((_request, response) => response.end());
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(exchange(pool(origin), POST, { ...LIMITS, signal, finishOnceSent: true })).rejects.toThrow('too late');
  expect(received).toEqual([]);
});

test('a write on the wire is carried to its end, whatever the signal says', async () => {
  const stop = new AbortController();
  const { origin } = await server((_request, response) => {
    stop.abort(new Error('cancelled'));
    setTimeout(() => response.end('done'), 50);
  });
  const outcome = await exchange(pool(origin), POST, { ...LIMITS, signal: stop.signal, finishOnceSent: true });
  expect(outcome).toMatchObject({ kind: 'answered', status: 200 });
});

test('a closed pool says so', async () => {
  const { origin } = await server((_request, response) => response.end());
  const closed = new Pool(origin);
  await closed.close();
  expect(await exchange(closed, POST, LIMITS)).toMatchObject({ reason: 'closed', sent: false });
});
