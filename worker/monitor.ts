import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { ConfigError } from '../model/errors.ts';
import type { ListenAddress } from '../model/settings.ts';

/** What monitoring may ask a worker. */
export interface Monitored {
  /** The metrics in Prometheus' text format. */
  page(): Promise<string>;
  /** Why no work can be done now, in one sentence; null when it can. */
  unready(): Promise<string | null>;
}

export interface Monitor {
  close(): Promise<void>;
}

const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves `/metrics`, `/health` (the process answers) and `/ready` (503 with a sentence otherwise).
 *
 * @throws ConfigError when the address cannot be listened on
 */
export async function openMonitor({ host, port }: ListenAddress, monitored: Monitored): Promise<Monitor> {
  const handle = getRequestListener(routes(monitored).fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(notListening(host, port, error)));
    server.listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routes({ page, unready }: Monitored): Hono {
  const app = new Hono();
  app.get('/metrics', async (c) => c.body(await page(), 200, { 'content-type': TEXT_FORMAT }));
  app.get('/health', (c) => c.text('alive\n'));
  app.get('/ready', async (c) => {
    const sentence = await unready();
    return sentence === null ? c.text('ready\n') : c.text(`${sentence}\n`, 503);
  });
  return app;
}

function notListening(host: string, port: number, cause: Error): ConfigError {
  const code = 'code' in cause ? String(cause.code) : 'unknown error';
  return new ConfigError(
    `The worker cannot listen on ${host}, port ${port} (${code}); end what listens there, or set telemetry.metrics to another address.`,
    { cause },
  );
}
