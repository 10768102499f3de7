#!/usr/bin/env node
/**
 * What `npm run demo` and `npm test` run first: `node tools/bootstrap.mjs <step> [arguments]`. It looks at Node's
 * version, installs the packages when they are missing or out of date, and hands on to the real step. It runs before
 * `npm ci` has, so it may import nothing but Node's own modules.
 *
 * Exit status: the step's own; 1 when Node is too old or the installation failed, 2 for an unknown step.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const MODULES = join(ROOT, 'node_modules');
/** The lock file's hash and the platform of the last installation; packages such as esbuild bring one binary a platform. */
const MARKER = join(MODULES, '.rollcall-lock');
const OLDEST_NODE = [20, 18, 1];

/** Each step: the program it hands on to, inside node_modules, and its first arguments. `install` only installs. */
const STEPS = {
  install: null,
  test: ['vitest/vitest.mjs', 'run'],
  demo: ['tsx/dist/cli.mjs', 'demo/main.ts'],
};

function isOldNode() {
  const parts = process.versions.node.split('.').map(Number);
  const differing = OLDEST_NODE.findIndex((part, i) => part !== parts[i]);
  return differing >= 0 && parts[differing] < OLDEST_NODE[differing];
}

function wantedMarker() {
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/** True when somebody ran `npm ci` himself after the lock file last changed: npm writes its own lock file last. */
function isInstalledByHand() {
  const npmLock = join(MODULES, '.package-lock.json');
  return (
    !existsSync(MARKER) &&
    existsSync(npmLock) &&
    statSync(npmLock).mtimeMs > statSync(join(ROOT, 'package-lock.json')).mtimeMs
  );
}

function isInstalled(program) {
  if (program !== undefined && !existsSync(join(MODULES, program))) return false;
  if (isInstalledByHand()) return true;
  return existsSync(MARKER) && readFileSync(MARKER, 'utf8') === wantedMarker();
}

/** Runs a command to its end; the exit status as a shell would give it. */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    // A terminal sends Ctrl-C to both; this process stays until the step has cleaned up.
    const ignore = () => undefined;
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore).on('SIGTERM', forward);
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}.\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

async function install() {
  process.stderr.write('Installing the packages (npm ci) ...\n');
  // The npm that runs this script, where one does; development packages are needed whatever NODE_ENV says.
  // `.npmrc` keeps npm silent, its errors included; here they shall be seen.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=notice'];
  const npm = process.env.npm_execpath;
  const options = { stdio: ['ignore', process.stderr, process.stderr] };
  const status = npm?.endsWith('.js')
    ? await run(process.execPath, [npm, ...args], options)
    : await run('npm', args, options);
  if (status === 0) writeFileSync(MARKER, wantedMarker());
  else process.stderr.write('The packages could not be installed: npm ci says above why.\n');
  return status === 0;
}

async function main([step, ...args]) {
  if (isOldNode()) {
    const oldest = OLDEST_NODE.join('.');
    process.stderr.write(
      `Rollcall needs Node ${oldest} or newer and this is ${process.version}: install a newer one and run the command again.\n`,
    );
    return 1;
  }
  if (step === undefined || !Object.hasOwn(STEPS, step)) {
    process.stderr.write(`Usage: node tools/bootstrap.mjs ${Object.keys(STEPS).join('|')} [arguments]\n`);
    return 2;
  }
  const [program, ...first] = STEPS[step] ?? [];
  if (!isInstalled(program) && !(await install())) return 1;
  return program === undefined ? 0 : run(process.execPath, [join(MODULES, program), ...first, ...args]);
}

process.exitCode = await main(process.argv.slice(2));
