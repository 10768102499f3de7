import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from './run-command.ts';
import { cachedTemporal, downloadTemporal, installedTemporal } from './temporal-binary.ts';

let folder: string;
let site: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-binary-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => (site === null ? resolve(null) : site.close(resolve)));
  site = null;
  await rm(folder, { recursive: true, force: true });
});

/** A download site on loopback; gives its origin. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  site = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** An executable `temporal` whose `--version` prints a line. */
async function fakeTemporal(at: string, version: string): Promise<void> {
  await mkdir(at, { recursive: true });
  await writeFile(join(at, 'temporal'), `#!/bin/sh\necho '${version}'\n`);
  await chmod(join(at, 'temporal'), 0o755);
}

async function archiveOf(program: string): Promise<Buffer> {
  await fakeTemporal(join(folder, 'release'), program);
  const archive = join(folder, 'release.tar.gz');
  await runCommand('tar', ['-czf', archive, '-C', join(folder, 'release'), 'temporal']);
  return readFile(archive);
}

test('the released program for this machine is downloaded, unpacked and put in place', async () => {
  const archive = await archiveOf('released');
  const asked: string[] = [];
  const origin = await serve((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/archive') === true) response.end(archive);
    else response.end(JSON.stringify({ archiveUrl: `${origin}/archive.tar.gz`, fileToExtract: 'temporal' }));
  });
  const target = join(folder, 'temporal');
  expect(await downloadTemporal('v1.2.3', target, origin)).toBe(true);
  expect((await runCommand(target, [])).output).toBe('released\n');
  expect(asked[0]).toMatch(/^\/cli\/v1\.2\.3\?arch=(amd64|arm64)&platform=(linux|darwin)&format=tar\.gz$/);
});

test.each<[string, RequestListener]>([
  ['that does not know the version', (_, response) => response.writeHead(404).end()],
  [
    'that sends no archive',
    (request, response) => {
      const url = `http://${request.headers.host}/archive.tar.gz`;
      response.end(
        request.url?.startsWith('/archive') === true
          ? 'oops'
          : JSON.stringify({ archiveUrl: url, fileToExtract: 'temporal' }),
      );
    },
  ],
])('a site %s leaves nothing behind', async (_, listener) => {
  expect(await downloadTemporal('v1.2.3', join(folder, 'temporal'), await serve(listener))).toBe(false);
  expect(await readdir(folder)).toEqual([]);
});

test('a site that cannot be reached is no error', async () => {
  const origin = await serve((_, response) => response.end());
  await new Promise((resolve) => site?.close(resolve));
  site = null;
  expect(await downloadTemporal('v1.2.3', join(folder, 'temporal'), origin)).toBe(false);
});

test.each([
  ['temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)', true],
  ['temporal version 2.0.0 (Server 2.0.0, UI 3.0.0)', true],
  ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', false],
  ['something else', false],
])('a program on PATH that says "%s" is used: %s', async (version, isUsed) => {
  await fakeTemporal(join(folder, 'bin'), version);
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`);
  expect(await installedTemporal()).toBe(isUsed ? join(folder, 'bin', 'temporal') : null);
});

test('the cache follows XDG_CACHE_HOME and names the pinned version', async () => {
  vi.stubEnv('XDG_CACHE_HOME', folder);
  const { path, version } = await cachedTemporal();
  expect(path).toMatch(
    new RegExp(`^${folder}/rollcall/temporal-${version.replaceAll('.', '\\.')}-[0-9a-f]{12}/temporal$`),
  );
  expect(existsSync(path)).toBe(false);
});
