import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { RollcallError } from '../model/errors.ts';
import { withProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

/** Programs that the demo (`slapd`) and the tests (all) run: servers, and a browser for the test of the Web UI. */
export type ServerName = 'slapd' | 'samba' | 'postgresql' | 'chromium';

interface ServerPackages {
  /** Programs, looked for on PATH and where servers are kept, and absolute files (`*` stands for one folder name). */
  needs: string[];
  /** Debian and Ubuntu packages that bring them; those a release does not know are left out. */
  packages: string[];
  /** What these packages would start at the next boot. */
  services: string[];
}

const SERVERS: Record<ServerName, ServerPackages> = {
  slapd: {
    needs: ['slapd', 'slapadd', 'ldapsearch', 'openssl'],
    packages: ['slapd', 'ldap-utils', 'openssl'],
    services: ['slapd'],
  },
  samba: {
    needs: [
      'samba',
      'samba-tool',
      'ldapsearch',
      'openssl',
      '/usr/lib/*/samba/ldb/acl.so',
      '/usr/share/samba/setup/provision.ldif',
    ],
    packages: [
      'samba-ad-dc',
      'samba-dsdb-modules',
      'samba-vfs-modules',
      'samba-ad-provision',
      'python3-samba',
      'winbind',
      'ldb-tools',
      'krb5-user',
      'ldap-utils',
      'openssl',
    ],
    services: ['samba-ad-dc', 'smbd', 'nmbd', 'winbind'],
  },
  postgresql: {
    needs: ['/usr/lib/postgresql/*/bin/postgres'],
    packages: ['postgresql'],
    services: ['postgresql'],
  },
  chromium: { needs: ['chromium'], packages: ['chromium'], services: [] },
};

/** Servers often stand where only root's PATH looks. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * `$1`: services, the rest: packages. A `policy-rc.d` that says no keeps Debian's packages from starting what they
 * bring; it is ours only where there was none. For the same reason the services are taken out of the next boot.
 */
const INSTALL = `
set -e
export DEBIAN_FRONTEND=noninteractive
services=$1
shift
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  trap 'exit 1' INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
fi
apt-get update
known=
for package in "$@"; do
  if apt-cache show "$package" > /dev/null 2>&1; then known="$known $package"; fi
done
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 $known
for service in $services; do
  if [ -e "/etc/init.d/$service" ]; then update-rc.d "$service" disable; fi
done
`;

/**
 * Makes sure that these servers are installed: looks for their programs and, where some are missing, installs the
 * packages with apt-get on Debian and Ubuntu, as root or by sudo without a password. Starts and enables no service.
 *
 * @throws RollcallError `internal` naming the packages and the command when they cannot be installed
 */
export async function ensurePackages(names: ServerName[]): Promise<void> {
  const missing = await missingServers(names);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((name) => SERVERS[name].packages))];
  const services = missing.flatMap((name) => SERVERS[name].services);
  const elevate = await elevation();
  if (elevate === null) throw cannotInstall(missing, packages);
  const [command = 'sh', ...args] = [...elevate, 'sh', '-c', INSTALL, 'sh', services.join(' '), ...packages];
  const result = await withProgress(`Installing ${missing.join(', ')} (apt-get)`, () => runCommand(command, args));
  if (result.status === 0 && (await missingServers(names)).length === 0) return;
  process.stderr.write(result.output);
  throw cannotInstall(missing, packages);
}

/** Which of these servers lack a program or file. */
export async function missingServers(names: ServerName[]): Promise<ServerName[]> {
  const complete = await Promise.all(
    names.map(async (name) => (await Promise.all(SERVERS[name].needs.map(isThere))).every(Boolean)),
  );
  return names.filter((_, i) => !complete[i]);
}

function cannotInstall(missing: ServerName[], packages: string[]): RollcallError {
  return new RollcallError(
    'internal',
    `Needed here and not installed: ${missing.join(', ')}; install it and try again, on Debian or Ubuntu with "sudo apt-get install --no-install-recommends ${packages.join(' ')}".`,
  );
}

/** What goes before a command so that it runs as root; null where that, or apt-get, is not to be had. */
async function elevation(): Promise<string[] | null> {
  if (!(await isThere('apt-get'))) return null;
  if (process.getuid?.() === 0) return [];
  return (await runCommand('sudo', ['-n', 'true'])).status === 0 ? ['sudo', '-n'] : null;
}

async function isThere(need: string): Promise<boolean> {
  const candidates = need.startsWith('/') ? await expand(need) : inFolders(need);
  const found = await Promise.all(candidates.map(exists));
  return found.includes(true);
}

function inFolders(program: string): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.filter((folder) => folder !== '').map((folder) => join(folder, program));
}

/** The paths a pattern with at most one `*` may mean. */
async function expand(pattern: string): Promise<string[]> {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return [pattern];
  const folders = await readdir(before).catch(() => []);
  return folders.map((folder) => join(before, folder, after));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
