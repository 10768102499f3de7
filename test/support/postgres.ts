import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { runCommand } from '../../tools/run-command.ts';
import { freePort, startServer, waitUntilReady, type ServerProcess } from '../../tools/server-process.ts';

export interface TestPostgres {
  /** `postgres://…` of the maintenance database; a superuser. */
  url: string;
  /** Makes an empty database and gives its url. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** The PostgreSQL that the whole test run shares (ROLLCALL_TEST_POSTGRES_URL), else one of one's own, until `stop()`. */
export async function startPostgres(): Promise<TestPostgres> {
  const shared = process.env['ROLLCALL_TEST_POSTGRES_URL'];
  if (shared !== undefined) return handle(shared, () => Promise.resolve());
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-postgres-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const bin = await binFolder();
  const prefix = await asOrdinaryUser(folder);
  await initialise(bin, prefix, folder);
  const { url, server } = await serve(bin, prefix, folder);
  return handle(url, async () => {
    // SIGINT is the fast shutdown; SIGTERM would wait for clients to leave.
    if (server.isRunning()) process.kill(server.pid, 'SIGINT');
    await server.stop();
    removeFolder();
    process.off('exit', removeFolder);
  });
}

function handle(url: string, stop: () => Promise<void>): TestPostgres {
  return {
    url,
    database: async () => {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await query(url, `create database ${name}`);
      const own = new URL(url);
      own.pathname = `/${name}`;
      return own.href;
    },
    stop,
  };
}

/** One statement over a connection of its own. */
export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Debian keeps the programs of each version apart and none of them on PATH; the newest is taken. */
async function binFolder(): Promise<string> {
  const found = await runCommand('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1']);
  const folder = found.output.trim();
  if (found.status !== 0 || !folder.startsWith('/')) throw new Error('no PostgreSQL below /usr/lib/postgresql');
  return folder;
}

/** PostgreSQL refuses to run as root. */
async function asOrdinaryUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('no user postgres on this machine');
  await chown(folder, Number(uid), Number(gid));
  await chmod(folder, 0o755);
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}

async function initialise(bin: string, prefix: string[], folder: string): Promise<void> {
  const [command, ...args] = [
    ...prefix,
    join(bin, 'initdb'),
    ...['--no-sync', '--auth=trust', '--username=rollcall', '--encoding=UTF8', '--locale=C.UTF-8'],
    // Another order than by bytes, as production databases have it.
    ...['--locale-provider=icu', '--icu-locale=en-US'],
    ...['--pgdata', join(folder, 'data')],
  ];
  const result = await runCommand(command ?? '', args, { cwd: folder });
  if (result.status !== 0) throw new Error(`initdb failed: ${result.output}`);
}

/** A port found free may be taken before PostgreSQL has it: then another is tried. */
async function serve(bin: string, prefix: string[], folder: string): Promise<{ url: string; server: ServerProcess }> {
  const logFile = join(folder, 'postgres.log');
  for (let attempt = 1; attempt <= 5; attempt++) {
    const port = await freePort();
    const url = `postgres://rollcall@127.0.0.1:${port}/postgres`;
    const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];
    const [command, ...args] = [
      ...prefix,
      join(bin, 'postgres'),
      ...['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder],
      ...settings.flatMap((setting) => ['-c', setting]),
    ];
    const server = await startServer(command ?? '', args, { logFile, cwd: folder });
    if (await waitUntilReady(server, async () => (await query(url, 'select 1')).length === 1, 30_000)) {
      return { url, server };
    }
    await server.stop();
  }
  throw new Error(`PostgreSQL did not start: ${(await readFile(logFile, 'utf8')).slice(-2_000)}`);
}
