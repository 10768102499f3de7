import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { simulatorCommand } from './main.ts';
import type { SimulatorOptions } from './options.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

async function linesUntilReady(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    if (line === 'ready') break;
  }
  return lines;
}

describe('npm run simulator', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints its listeners and ready, serves, and ends cleanly on %s',
    async (signal) => {
      const child = start(
        '--port',
        '0',
        '--login-port',
        '0',
        '--client-id',
        'me',
        '--client-secret',
        'my secret',
        '--token-life',
        '77',
      );
      const lines = await linesUntilReady(child);
      expect(lines).toEqual([
        expect.stringMatching(/^api http:\/\/127\.0\.0\.1:\d+$/),
        expect.stringMatching(/^login http:\/\/127\.0\.0\.1:\d+ \(/),
        'ready',
      ]);
      const login = /^login (\S+)/.exec(lines[1]!)![1]!;
      const granted = await fetch(`${login}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('me:my secret').toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      expect(await granted.json()).toMatchObject({ expires_in: 77 });
      const ended = once(child, 'exit');
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
    },
  );

  it('says what to do when its port is taken', async () => {
    const first = start('--port', '0', '--login-port', '0');
    const port = /:(\d+)$/.exec((await linesUntilReady(first))[0]!)![1]!;
    const second = start('--port', port, '--login-port', '0');
    let message = '';
    second.stderr!.on('data', (chunk: Buffer) => (message += chunk.toString()));
    const [status] = (await once(second, 'close')) as [number];
    expect(status).toBe(1);
    expect(message).toContain('Choose other ports');
  });

  it('turns every option into what the simulator takes', async () => {
    let got: Partial<SimulatorOptions> = {};
    const command = simulatorCommand(async (options) => {
      got = options;
    });
    const args = [
      ...['--host', '::1', '--requests-per-minute', '30', '--index-lag', '1.5', '--divisions', 'Home, West'],
      ...['--invalid-client-status', '401', '--stale-version', '412', '--rate-limit-per', 'client'],
      ...['--revival', 'new-id', '--unknown-attributes', 'drop', '--unknown-reference', '404'],
      ...['--remove-without-match', 'ignore', '--allow-body-credentials', '--throttle-large-pages'],
      ...['--filters-find-inactive', '--keep-roles-when-inactive', '--max-count', '50', '--inactive-list-cap', '9'],
    ];
    await command.parseAsync(args, { from: 'user' });
    expect(got).toEqual({
      host: '::1',
      apiPort: 8087,
      loginPort: 8088,
      requestsPerMinute: 30,
      indexLagSeconds: 1.5,
      divisions: ['Home', 'West'],
      invalidClientStatus: 401,
      staleVersion: 412,
      rateLimitPer: 'client',
      revival: 'new-id',
      unknownAttributes: 'drop',
      unknownReference: '404',
      removeWithoutMatch: 'ignore',
      allowBodyCredentials: true,
      throttleLargePages: true,
      filtersFindInactive: true,
      keepRolesWhenInactive: true,
      maxCount: 50,
      inactiveListCap: 9,
    });
  });

  it.each([
    ['--port', '70000'],
    ['--port', 'http'],
    ['--index-lag', '-1'],
    ['--stale-version', '418'],
    ['--revival', 'sometimes'],
    ['--unknown', '1'],
  ])('refuses %s %s', async (...args) => {
    const command = simulatorCommand(async () => undefined);
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync(args, { from: 'user' })).rejects.toThrow(/^error: /);
  });
});
