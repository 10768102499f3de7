import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it arrived, complete. */
export interface ReceivedRequest {
  method: string;
  /** Path without query, as sent. */
  path: string;
  query: URLSearchParams;
  /** Path and query, as sent. */
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Connections in the order they were opened, from 1. */
  connection: number;
}

export type Reply = (request: ReceivedRequest, response: ServerResponse) => void;

export interface HttpServer {
  origin: string;
  received: ReceivedRequest[];
  /** How many connections were opened so far. */
  connections(): number;
  /** Ends every open connection, those in use too. */
  close(): Promise<void>;
}

/** A real HTTP server on an ephemeral port of loopback that answers by `reply`. */
export async function startHttpServer(reply: Reply, tls?: { key: string; cert: string }): Promise<HttpServer> {
  const received: ReceivedRequest[] = [];
  const numbers = new Map<Socket, number>();
  const listener: RequestListener = (request, response) => {
    void readRequest(request, numbers).then((complete) => {
      received.push(complete);
      reply(complete, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    numbers.set(socket, numbers.size + 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received,
    connections: () => numbers.size,
    close: () => closeServer(server),
  };
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function readRequest(request: IncomingMessage, numbers: Map<Socket, number>): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = request.url ?? '';
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    url,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    connection: numbers.get(request.socket) ?? 0,
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
