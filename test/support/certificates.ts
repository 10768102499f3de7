import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHARED_FOLDER } from './shared.ts';

const run = promisify(execFile);

/** A certificate authority of a test's own. */
export interface Authority {
  certFile: string;
  keyFile: string;
  /** The certificate, PEM. */
  pem: string;
}

export interface ServerCertificate {
  certFile: string;
  keyFile: string;
}

/** Makes a certificate authority in a folder, by the openssl command. */
export async function makeCa(folder: string, name = 'ca'): Promise<Authority> {
  const certFile = join(folder, `${name}.pem`);
  const keyFile = join(folder, `${name}.key`);
  await openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', keyFile]);
  await openssl([
    'req',
    '-x509',
    '-new',
    '-key',
    keyFile,
    '-days',
    '30',
    '-subj',
    `/CN=Test CA ${name}`,
    '-out',
    certFile,
  ]);
  return { certFile, keyFile, pem: await readFile(certFile, 'utf8') };
}

/**
 * Makes a server certificate signed by the authority.
 * @param hosts names and addresses it is made out to
 * @param expired makes one whose time ended in 2021
 */
export async function makeServerCert(
  authority: Authority,
  folder: string,
  { hosts = ['127.0.0.1', 'localhost'], expired = false, name = 'server' } = {},
): Promise<ServerCertificate> {
  const certFile = join(folder, `${name}.pem`);
  const keyFile = join(folder, `${name}.key`);
  const requestFile = join(folder, `${name}.csr`);
  const shared = process.env[SHARED_FOLDER];
  if (shared === undefined) await makeServerKey(keyFile);
  else await copyFile(sharedServerKey(shared), keyFile);
  await openssl(['req', '-new', '-key', keyFile, '-subj', '/CN=server', '-out', requestFile]);
  const configFile = join(folder, `${name}.cnf`);
  await writeFile(configFile, caConfig(folder, name, hosts));
  await writeFile(join(folder, `${name}.index`), '');
  const dates = expired ? ['-startdate', '20210101000000Z', '-enddate', '20210201000000Z'] : ['-days', '30'];
  const issuer = ['-cert', authority.certFile, '-keyfile', authority.keyFile];
  const files = ['-config', configFile, '-in', requestFile, '-out', certFile, '-outdir', folder];
  await openssl(['ca', '-batch', '-notext', ...files, ...issuer, ...dates]);
  return { certFile, keyFile };
}

/** The `ca` command, because `x509` of OpenSSL 3.0 gives no dates in the past. */
function caConfig(folder: string, name: string, hosts: string[]): string {
  const names = hosts.map((host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`)).join(',');
  return `[ca]
default_ca = authority
[authority]
database = ${join(folder, `${name}.index`)}
default_md = sha256
policy = any
rand_serial = yes
x509_extensions = server
unique_subject = no
[any]
commonName = supplied
[server]
basicConstraints = CA:FALSE
subjectAltName = ${names}
`;
}

/** The key of all servers of a test run: to make one takes longer than everything else about a certificate. */
export function sharedServerKey(folder: string): string {
  return join(folder, 'server.key');
}

/** RSA, because slapd's GnuTLS refuses P-256 keys under some cipher strings. */
export async function makeServerKey(keyFile: string): Promise<void> {
  await openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', keyFile]);
}

async function openssl(args: string[]): Promise<void> {
  await run('openssl', args);
}
