import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ExchangeEnv } from './http/exchange.ts';

/** Longer than any client keeps an idle connection, so that none is cut by chance between two requests. */
const KEEP_ALIVE_MS = 120_000;

/** One HTTP listener that can close its port and take the same one again. */
export class Listener {
  readonly #server: Server;
  readonly #host: string;
  readonly #port: number;

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.#host = host;
    this.#port = port;
  }

  /** Listens; port 0 takes a free one. @throws the system's error when the port is taken */
  static async open(app: Hono<ExchangeEnv>, host: string, port: number): Promise<Listener> {
    // The process may hold other HTTP code, so the adapter must not replace the global Request and Response.
    const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    const server = createServer((request, response) => void handle(request, response));
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    await listen(server, host, port);
    return new Listener(server, host, (server.address() as AddressInfo).port);
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `http://${host}:${this.#port}`;
  }

  /** Takes its port again after {@link close}. */
  async reopen(): Promise<void> {
    if (!this.#server.listening) await listen(this.#server, this.#host, this.#port);
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
