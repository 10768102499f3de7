import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import type { DirectorySettings } from '../../model/settings.ts';
import { withLockFile } from '../../tools/lock-file.ts';
import { type ServerProcess, startServer, waitUntilReady } from '../../tools/server-process.ts';
import { type Authority, makeCa, makeServerCert } from './certificates.ts';
import type { Attributes } from './ldif.ts';
import { holdPort, isListening } from './ports.ts';
import { SHARED_FOLDER } from './shared.ts';

const run = promisify(execFile);

/** A real Active Directory domain controller of one's own: domain `corp.example`, with `OU=Agents` and `OU=Others`. */
export interface Samba {
  /** `DC=corp,DC=example`. */
  suffix: string;
  agents: string;
  /** The loopback address it listens on; ports are AD's own. */
  address: string;
  /** `ldaps://ADDRESS`. */
  url: string;
  /** `ldap://ADDRESS`; binds need StartTLS. */
  plainUrl: string;
  authority: Authority;
  admin: { dn: string; password: string };
  /** An ordinary user, as a service account should be. */
  reader: { dn: string; password: string };
  /** Settings that reach it over ldaps as `reader`, all of `OU=Agents`. */
  settings(more?: Partial<DirectorySettings>): DirectorySettings;
  /** Gives a bound client to `work`, as administrator over ldaps. */
  asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Adds a person below `OU=Agents`, enabled unless `userAccountControl` says otherwise; returns the DN. */
  addUser(name: string, attributes?: Attributes, unit?: string): Promise<string>;
  /** Adds entries in one transaction on its database: hundreds a second. */
  load(ldif: string): Promise<void>;
  /** Runs samba-tool against its database and returns what it printed. */
  tool(...args: string[]): Promise<string>;
  /** Ends it with all its processes and removes its folder. */
  stop(): Promise<void>;
}

const SUFFIX = 'DC=corp,DC=example';
const ADMIN = { dn: `CN=Administrator,CN=Users,${SUFFIX}`, password: 'Admin-passw0rd' };
const READER = { dn: 'svc-rollcall@corp.example', password: 'Reader-passw0rd' };
/** Held while an address is in use, so that tests side by side take different ones; freed by the system at a crash. */
const LOCK_PORT = 36_389;
const NORMAL_ACCOUNT = 512;

/** Starts a Samba domain controller; needs root (fixed ports). The first of a test run takes some ten seconds. */
export async function startSamba(): Promise<Samba> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-samba-'));
  // Its children may still be writing for a moment after it has ended.
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  process.once('exit', removeFolder);
  const { address, lock } = await takeAddress();
  const authority = await provision(folder, address);
  const server = await serve(folder, address);
  const url = `ldaps://${address}`;
  const agents = `OU=Agents,${SUFFIX}`;
  const work: Samba['asAdmin'] = (task) => asAdmin(url, authority, task);
  return {
    ...{ suffix: SUFFIX, agents, address, url, plainUrl: `ldap://${address}`, authority, admin: ADMIN, reader: READER },
    settings: (more = {}) => ({ ...settingsFor(url, authority), ...more }),
    asAdmin: work,
    addUser: (name, attributes = {}, unit = agents) =>
      work((client) => addUser(client, `CN=${name},${unit}`, attributes)),
    load: (ldif) => ldbadd(folder, ldif),
    tool: (...args) => sambaTool(join(folder, DOMAIN), args),
    stop: async () => {
      await server.stop();
      await new Promise((resolve) => lock.close(resolve));
      removeFolder();
      process.off('exit', removeFolder);
    },
  };
}

/** The first loopback address after 127.0.0.1 that no other test uses. */
async function takeAddress(): Promise<{ address: string; lock: Server }> {
  for (let last = 2; last < 50; last += 1) {
    const address = `127.0.0.${last}`;
    try {
      return { address, lock: await holdPort(address, LOCK_PORT) };
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken) throw error;
    }
  }
  throw new Error('every loopback address is in use');
}

/** A domain of one's own: a copy of the shared one, which knows where it stands and listens. */
async function provision(folder: string, address: string): Promise<Authority> {
  const authority = await makeCa(folder);
  const certificate = await makeServerCert(authority, folder, { hosts: [address, 'dc1.corp.example'], name: 'dc1' });
  await mkdir(join(folder, 'run'));
  const options = {
    // Without a mask samba wants an interface with just this address.
    interfaces: `${address}/8`,
    'bind interfaces only': 'yes',
    'pid directory': join(folder, 'run'),
    'ncalrpc dir': join(folder, 'run', 'ncalrpc'),
    'ntp signd socket directory': join(folder, 'run', 'ntp'),
    'winbindd socket directory': join(folder, 'run', 'winbindd'),
    'tls certfile': certificate.certFile,
    'tls keyfile': certificate.keyFile,
    'tls cafile': authority.certFile,
  };
  const domain = join(folder, DOMAIN);
  const shared = await sharedDomain(process.env[SHARED_FOLDER] ?? folder);
  await run('cp', ['--archive', shared.folder, domain]);
  const smbConf = join(domain, 'etc', 'smb.conf');
  const lines = Object.entries(options).map(([name, value]) => `\t${name} = ${value}\n`);
  const text = (await readFile(smbConf, 'utf8')).replaceAll(shared.bornIn, domain);
  await writeFile(smbConf, text.replace('[global]\n', `[global]\n${lines.join('')}`));
  return authority;
}

/** Below an instance's folder. */
const DOMAIN = 'domain';

/** Provisioned by whoever needs one first, for the whole test run: that takes many times as long as a copy. */
async function sharedDomain(place: string): Promise<{ folder: string; bornIn: string }> {
  const folder = join(place, 'samba-domain');
  const bornIn = join(place, 'new-samba-domain');
  await withLockFile(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    await run('samba-tool', [
      ...['domain', 'provision', '--realm=CORP.EXAMPLE', '--domain=CORP', '--server-role=dc', '--host-name=dc1'],
      ...['--dns-backend=SAMBA_INTERNAL', `--adminpass=${ADMIN.password}`, `--targetdir=${bornIn}`],
      ...['--host-ip=127.0.0.2', '--use-rfc2307', '--quiet'],
    ]);
    await mkdir(join(bornIn, 'cache'), { recursive: true });
    await sambaTool(bornIn, ['user', 'create', 'svc-rollcall', READER.password]);
    for (const unit of ['Agents', 'Others']) await sambaTool(bornIn, ['ou', 'create', `OU=${unit}`]);
    await rename(bornIn, folder);
  });
  return { folder, bornIn };
}

function databaseOf(domain: string): string[] {
  return ['-H', join(domain, 'private', 'sam.ldb')];
}

async function ldbadd(folder: string, ldif: string): Promise<void> {
  const file = join(folder, 'load.ldif');
  await writeFile(file, ldif);
  await run('ldbadd', [...databaseOf(join(folder, DOMAIN)), file], { maxBuffer: 64 * 1024 * 1024 });
}

async function sambaTool(domain: string, args: string[]): Promise<string> {
  const database = databaseOf(domain);
  const { stdout } = await run('samba-tool', [...args, ...database, '-s', join(domain, 'etc', 'smb.conf')]);
  return stdout;
}

/** As leader of a process group, which makes samba end all its processes with itself. */
async function serve(folder: string, address: string): Promise<ServerProcess> {
  const logFile = join(folder, 'samba.log');
  const smbConf = join(folder, DOMAIN, 'etc', 'smb.conf');
  const args = ['/usr/sbin/samba', '-i', '--debug-stdout', '-s', smbConf, '--option=server services=ldap'];
  const server = await startServer('setsid', args, { logFile });
  if (await waitUntilReady(server, () => isListening(address, 636), READY_MS)) return server;
  await server.stop();
  throw new Error(`samba did not start: ${await readFile(logFile, 'utf8')}`);
}

const READY_MS = 60_000;

async function asAdmin<T>(url: string, authority: Authority, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url, timeout: 60_000, tlsOptions: { ca: authority.pem } });
  await client.bind(ADMIN.dn, ADMIN.password);
  try {
    return await work(client);
  } finally {
    await client.unbind();
  }
}

/** AD wants a password before it takes an enabled account. */
async function addUser(client: Client, dn: string, attributes: Attributes): Promise<string> {
  const { userAccountControl = String(NORMAL_ACCOUNT), ...others } = attributes;
  const name = /^CN=([^,]+)/.exec(dn)![1]!;
  const password = Buffer.from('"User-passw0rd"', 'utf16le');
  await client.add(dn, [
    new Attribute({ type: 'objectClass', values: ['user'] }),
    new Attribute({ type: 'sAMAccountName', values: [name.replace(/[^\w.-]/g, '').slice(0, 20)] }),
    new Attribute({ type: 'unicodePwd', values: [password] }),
    ...Object.entries(others).map(([type, value]) => new Attribute({ type, values: [value].flat() })),
  ]);
  const modification = new Attribute({ type: 'userAccountControl', values: [userAccountControl].flat() });
  await client.modify(dn, new Change({ operation: 'replace', modification }));
  return dn;
}

function settingsFor(url: string, authority: Authority): DirectorySettings {
  return {
    name: 'corp-ad',
    urls: [url],
    startTls: false,
    tls: { ca: authority.pem, verify: true, serverName: null },
    allowPlain: false,
    bindDn: READER.dn,
    bindPassword: { read: () => READER.password },
    bases: [`OU=Agents,${SUFFIX}`],
    filter: null,
    exclude: [],
    disabledWhen: null,
    startsAt: null,
    anchor: null,
    pageSize: 1000,
  };
}
