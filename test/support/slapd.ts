import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import type { DirectorySettings } from '../../model/settings.ts';
import { freePort, type ServerProcess, startServer, waitUntilReady } from '../../tools/server-process.ts';
import { type Authority, makeCa, makeServerCert } from './certificates.ts';
import { type Attributes, ldifEntry } from './ldif.ts';
import { isListening } from './ports.ts';

const run = promisify(execFile);

export interface SlapdOptions {
  /** Adds nis.schema and msuser.schema, which has AD's attributes (without equality rules). Default false. */
  msuser?: boolean;
  /** Further schema directives, such as `attributetype ( ... )`. */
  schema?: string[];
  /** `access to ...` directives, first match wins, before the default: everybody who is bound reads everything. */
  access?: string[];
  /** Directives of the database section. */
  database?: string[];
  /** Size limit of {@link Slapd.limited}, over all pages. Default 500. */
  sizeLimit?: number;
  /** Default true. False: a certificate that ended in 2021. */
  validCertificate?: boolean;
  /** What the certificate is made out to. Default 127.0.0.1 and localhost. */
  certificateHosts?: string[];
  /** Entries to load before the start, besides the suffix, its units and the accounts. */
  ldif?: string;
}

export interface Account {
  dn: string;
  password: string;
}

/** A real OpenLDAP of one's own: `dc=corp,dc=example` with `ou=Agents`, `ou=Others`, `ou=Groups` and `ou=Services`. */
export interface Slapd {
  suffix: string;
  agents: string;
  port: number;
  /** `ldap://127.0.0.1:PORT`; takes StartTLS. */
  url: string;
  /** `ldaps://127.0.0.1:PORT`. */
  ldapsUrl: string;
  authority: Authority;
  /** May do everything. */
  admin: Account;
  /** Reads, without limit. */
  reader: Account;
  /** Reads, within `sizeLimit`. */
  limited: Account;
  pid(): number;
  /** Settings that reach it over ldaps as `reader`, all of `ou=Agents`. */
  settings(more?: Partial<DirectorySettings>): DirectorySettings;
  add(dn: string, attributes: Attributes): Promise<void>;
  /** Gives a bound client to `work`, as `admin`. */
  asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Loads LDIF offline by `slapadd`, thousands of entries a second; the server is down meanwhile. */
  load(ldif: string): Promise<void>;
  /** Starts it again on the same ports after a kill. */
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const SUFFIX = 'dc=corp,dc=example';
const ADMIN: Account = { dn: `cn=admin,${SUFFIX}`, password: 'admin-password' };
const READER: Account = { dn: `cn=rollcall,ou=Services,${SUFFIX}`, password: 'reader-password' };
const LIMITED: Account = { dn: `cn=limited,ou=Services,${SUFFIX}`, password: 'limited-password' };

/** Starts slapd in a new folder below the system's temporary one, on free ports of 127.0.0.1. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-slapd-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const authority = await makeCa(folder);
  await writeConfiguration(folder, authority, options);
  await slapadd(folder, `${frame()}\n${options.ldif ?? ''}`);
  const addresses = await freeAddresses();
  let server = await serve(folder, addresses);
  const start = async (): Promise<void> => {
    server = await serve(folder, addresses);
  };
  return {
    ...{ suffix: SUFFIX, agents: `ou=Agents,${SUFFIX}`, ...addresses, authority },
    ...{ admin: ADMIN, reader: READER, limited: LIMITED },
    pid: () => server.pid,
    settings: (more = {}) => ({ ...settingsFor(addresses.ldapsUrl, authority), ...more }),
    add: (dn, attributes) => asAdmin(addresses.url, (client) => client.add(dn, attributes)),
    asAdmin: (work) => asAdmin(addresses.url, work),
    load: async (ldif) => {
      await server.stop();
      await slapadd(folder, ldif);
      await start();
    },
    start,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
    },
    stop: async () => {
      await server.stop();
      removeFolder();
      process.off('exit', removeFolder);
    },
  };
}

type Addresses = Pick<Slapd, 'port' | 'url' | 'ldapsUrl'> & { tlsPort: number };

async function freeAddresses(): Promise<Addresses> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  return { port, tlsPort, url: `ldap://127.0.0.1:${port}`, ldapsUrl: `ldaps://127.0.0.1:${tlsPort}` };
}

/** `-d 0` keeps it in the foreground. */
async function serve(folder: string, { url, ldapsUrl, tlsPort }: Addresses): Promise<ServerProcess> {
  const args = ['-f', join(folder, 'slapd.conf'), '-h', `${url} ${ldapsUrl}`, '-d', '0'];
  const logFile = join(folder, 'slapd.log');
  const server = await startServer('/usr/sbin/slapd', args, { logFile });
  if (await waitUntilReady(server, () => isListening('127.0.0.1', tlsPort), READY_MS)) return server;
  await server.stop();
  throw new Error(`slapd did not start: ${await readFile(logFile, 'utf8')}`);
}

const READY_MS = 60_000;

function settingsFor(url: string, authority: Authority): DirectorySettings {
  return {
    name: 'corp-ldap',
    urls: [url],
    startTls: false,
    tls: { ca: authority.pem, verify: true, serverName: null },
    allowPlain: false,
    bindDn: READER.dn,
    bindPassword: { read: () => READER.password },
    bases: [`ou=Agents,${SUFFIX}`],
    filter: null,
    exclude: [],
    disabledWhen: null,
    startsAt: null,
    anchor: null,
    pageSize: 1000,
  };
}

async function asAdmin<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url, timeout: 30_000 });
  await client.bind(ADMIN.dn, ADMIN.password);
  try {
    return await work(client);
  } finally {
    await client.unbind();
  }
}

async function slapadd(folder: string, ldif: string): Promise<void> {
  const file = join(folder, 'load.ldif');
  await writeFile(file, ldif);
  await run('/usr/sbin/slapadd', ['-q', '-f', join(folder, 'slapd.conf'), '-l', file], { maxBuffer: 64 * 1024 * 1024 });
}

/** The suffix, its units and the accounts. */
function frame(): string {
  const unit = (name: string): string =>
    ldifEntry(`ou=${name},${SUFFIX}`, { objectClass: 'organizationalUnit', ou: name });
  const account = ({ dn, password }: Account): string =>
    ldifEntry(dn, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: /^cn=([^,]+)/.exec(dn)![1]!,
      userPassword: password,
    });
  return [
    ldifEntry(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'corp', o: 'Corp' }),
    ...['Agents', 'Others', 'Groups', 'Services'].map(unit),
    ...[READER, LIMITED].map(account),
  ].join('\n');
}

async function writeConfiguration(folder: string, authority: Authority, options: SlapdOptions): Promise<void> {
  const { msuser = false, schema = [], access = [], database = [], sizeLimit = 500, validCertificate = true } = options;
  const certificate = await makeServerCert(authority, folder, {
    hosts: options.certificateHosts ?? ['127.0.0.1', 'localhost'],
    expired: !validCertificate,
  });
  await mkdir(join(folder, 'data'));
  const schemas = ['core', 'cosine', 'inetorgperson', ...(msuser ? ['nis', 'msuser'] : [])];
  const lines = [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    ...schema,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb.la',
    'moduleload ppolicy.la',
    `pidfile ${join(folder, 'slapd.pid')}`,
    `TLSCACertificateFile ${authority.certFile}`,
    `TLSCertificateFile ${certificate.certFile}`,
    `TLSCertificateKeyFile ${certificate.keyFile}`,
    'database mdb',
    'maxsize 4294967296',
    `suffix "${SUFFIX}"`,
    `rootdn "${ADMIN.dn}"`,
    `rootpw ${ADMIN.password}`,
    `directory ${join(folder, 'data')}`,
    'dbnosync',
    'index objectClass,entryUUID,uid,mail eq',
    `limits dn.exact="${READER.dn}" size=unlimited time=unlimited`,
    `limits dn.exact="${LIMITED.dn}" size.soft=${sizeLimit} size.hard=${sizeLimit}`,
    ...access,
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by users read by anonymous auth',
    ...database,
    'overlay ppolicy',
  ];
  await writeFile(join(folder, 'slapd.conf'), `${lines.join('\n')}\n`);
}
