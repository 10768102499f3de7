import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { RollcallError } from '../model/errors.ts';
import { withLockFile } from './lock-file.ts';
import { withProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

const MODULE = fileURLToPath(new URL('temporal-cli', import.meta.url));
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** As Temporal builds its server: a sixth of the time goes into a gRPC transport of Google's storage otherwise. */
const TAGS = 'disable_grpc_modules';
/** The oldest server inside a `temporal` on PATH that is used: priorities work from 1.31 on without settings. */
const OLDEST_SERVER = [1, 31];
/** How long the download site may take to answer: where it cannot be reached, building must not wait for it. */
const PROBE_MS = 5_000;
const DOWNLOAD_MS = 180_000;

/** An executable of this name on PATH, else null. */
export async function findOnPath(name: string, path: string = process.env['PATH'] ?? ''): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return null;
}

/** The `temporal` on PATH, where its server is new enough; else null. */
export async function installedTemporal(): Promise<string | null> {
  const path = await findOnPath('temporal');
  if (path === null) return null;
  const { output } = await runCommand(path, ['--version'], { timeoutMs: 10_000 });
  const server = /Server (\d+)\.(\d+)/.exec(output);
  if (server === null) return null;
  const [major, minor] = [Number(server[1]), Number(server[2])];
  const isNew = major > OLDEST_SERVER[0]! || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]!);
  if (!isNew) process.stderr.write(`${path} is too old (server ${major}.${minor}): using the project's own.\n`);
  return isNew ? path : null;
}

/** Where the project's own `temporal` is or will be: one file for each content of `tools/temporal-cli`. */
export async function cachedTemporal(): Promise<{ path: string; version: string }> {
  const mod = await readFile(join(MODULE, 'go.mod'), 'utf8');
  const version = /temporalio\/cli (v\S+)/.exec(mod)?.[1] ?? 'unknown';
  const hash = createHash('sha256')
    .update(mod)
    .update(await readFile(join(MODULE, 'go.sum')));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = `temporal-${version}-${hash.digest('hex').slice(0, 12)}`;
  return { path: join(cache, 'rollcall', folder, 'temporal'), version };
}

/** The project's own `temporal`: from the cache, else downloaded, else built from source; once a machine. */
export async function ownTemporal(): Promise<string> {
  const { path, version } = await cachedTemporal();
  if (await isExecutable(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  await withLockFile(`${path}.lock`, async () => {
    if (await isExecutable(path)) return;
    if (!(await downloadTemporal(version, path))) await buildTemporal(path);
  });
  return path;
}

interface Download {
  archiveUrl: string;
  fileToExtract: string;
}

/**
 * Fetches the released CLI, as the SDK's own test server does it (temporalio/sdk-core, `ephemeral_server`): the site
 * names an archive and the file in it. False, and nothing left behind, whenever that fails.
 *
 * @param site the download site's origin; another one only in tests
 */
export async function downloadTemporal(
  version: string,
  target: string,
  site: string = 'https://temporal.download',
): Promise<boolean> {
  const folder = await mkdtemp(`${target}.download-`);
  try {
    const found = await findDownload(version, site);
    if (found === null) return false;
    await withProgress(`Downloading the Temporal server ${version}`, () => extract(found, folder));
    await rename(join(folder, found.fileToExtract), target);
    return await isExecutable(target);
  } catch (error) {
    process.stderr.write(`The Temporal server was not downloaded: ${(error as Error).message}.\n`);
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the archive for this machine is; null when the site does not answer, which is usual behind a firewall. */
async function findDownload(version: string, site: string): Promise<Download | null> {
  const query = new URLSearchParams({
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    platform: process.platform,
    format: 'tar.gz',
  });
  const url = `${site}/cli/${version}?${query.toString()}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => null);
  if (answer === null || !answer.ok) return null;
  return (await answer.json()) as Download;
}

async function extract(download: Download, folder: string): Promise<void> {
  const answer = await fetch(download.archiveUrl, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!answer.ok || answer.body === null) throw new Error(`${download.archiveUrl} answered ${answer.status}`);
  const archive = join(folder, 'archive.tar.gz');
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(archive));
  const tar = await runCommand('tar', ['-xzf', archive, '-C', folder, download.fileToExtract]);
  if (tar.status !== 0) throw new Error(`the archive could not be unpacked (${tar.output.trim().split('\n')[0]})`);
}

async function buildTemporal(target: string): Promise<void> {
  if ((await findOnPath('go')) === null) {
    throw new RollcallError(
      'temporal.unreachable',
      'There is no Temporal server here and none could be downloaded or built: install the Temporal CLI (https://docs.temporal.io/cli) or Go (https://go.dev/dl), or set TEMPORAL_ADDRESS to a running server.',
    );
  }
  const partial = `${target}.partial`;
  const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-tags', TAGS, '-o', partial, PACKAGE];
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  const build = await withProgress('Building the Temporal server from source, once (a few minutes)', () =>
    runCommand('go', args, { cwd: MODULE, env }),
  );
  if (build.status !== 0) {
    await rm(partial, { force: true });
    process.stderr.write(build.output);
    throw new RollcallError(
      'temporal.unreachable',
      'The Temporal server could not be built with Go (its words stand above): install the Temporal CLI (https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS to a running server.',
    );
  }
  await rename(partial, target);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
