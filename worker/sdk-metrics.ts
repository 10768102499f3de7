import { createServer, type AddressInfo } from 'node:net';
import { Runtime, type RuntimeOptions } from '@temporalio/worker';

/** Between finding a free port and taking it somebody else may. */
const TRIES = 5;
const ANSWER_MS = 2_000;

/**
 * Installs the SDK's runtime with its metrics on a free port of loopback, since it serves them on no listener but its own.
 *
 * @returns their page; a sentence as a comment while they do not answer
 */
export async function installWithMetrics(options: RuntimeOptions): Promise<() => Promise<string>> {
  for (let tries = 1; ; tries += 1) {
    const bindAddress = `127.0.0.1:${await freePort()}`;
    const prometheus = { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
    try {
      Runtime.install({ ...options, telemetryOptions: { ...options.telemetryOptions, metrics: { prometheus } } });
      return () => pageOf(`http://${bindAddress}/metrics`);
    } catch (error) {
      if (tries === TRIES || !String(error).includes('in use')) throw error;
    }
  }
}

async function pageOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return await response.text();
  } catch {
    return "# The Temporal SDK's own metrics did not answer.\n";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
