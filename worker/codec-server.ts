import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { ConfigError } from '../model/errors.ts';
import type { CodecServerSettings, EncryptionSettings, Settings } from '../model/settings.ts';
import { codecEndpoint } from '../temporal/codec-endpoint.ts';
import { EncryptionCodec } from '../temporal/encryption-codec.ts';
import { runProgram } from './program.ts';

/** `npm run codec-server -- [--config FILE]`: runs until SIGTERM or SIGINT, then lets requests in flight finish. */
async function serve(settings: Settings): Promise<void> {
  const { encryption, codecServer } = configured(settings);
  const app = codecEndpoint(new EncryptionCodec(encryption), codecServer);
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void handle(request, response));
  await listen(server, codecServer);
  const { port } = server.address() as AddressInfo;
  const { origin } = codecServer;
  process.stdout.write(`Rollcall codec server ready: http://${urlHost(codecServer)}:${port} for ${origin}\n`);
  const stop = (): void => {
    server.close();
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await once(server, 'close');
}

function configured({ encryption }: Settings): { encryption: EncryptionSettings; codecServer: CodecServerSettings } {
  if (encryption === null) {
    throw new ConfigError(
      'There is nothing to decode: the configuration has no encryption section; add one with keys, active and codecServer.',
    );
  }
  if (encryption.codecServer === null) {
    throw new ConfigError(
      'The codec server needs a section encryption.codecServer; add it with the origin of the Web UI and a token.',
    );
  }
  return { encryption, codecServer: encryption.codecServer };
}

async function listen(server: Server, { host, port }: CodecServerSettings): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const message = `The codec server cannot listen on ${host}:${port} (${code}); set encryption.codecServer.listen to a free port.`;
    throw new ConfigError(message, { cause: error });
  });
}

function urlHost({ host }: CodecServerSettings): string {
  return host.includes(':') ? `[${host}]` : host;
}

runProgram({ script: 'codec-server', name: 'the codec server', work: serve });
