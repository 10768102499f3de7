import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, type CommandResult } from './run-command.ts';

/** Stands for npm: notes how it was called and installs a test runner that prints its arguments and exits with 7. */
const NPM = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
if (process.env.NPM_FAILS) process.exit(1);
mkdirSync('node_modules/vitest', { recursive: true });
writeFileSync('node_modules/vitest/vitest.mjs', "console.log('tests:', ...process.argv.slice(2)); process.exit(7);");
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-bootstrap-'));
  await mkdir(join(folder, 'tools'));
  await cp(join(import.meta.dirname, 'bootstrap.mjs'), join(folder, 'tools', 'bootstrap.mjs'));
  await writeFile(join(folder, 'package-lock.json'), '{}');
  await writeFile(join(folder, 'npm.js'), NPM);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function bootstrap(args: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return runCommand(process.execPath, ['tools/bootstrap.mjs', ...args], {
    cwd: folder,
    env: { ...process.env, npm_execpath: join(folder, 'npm.js'), ...env },
  });
}

const installations = async () =>
  (await readFile(join(folder, 'npm.log'), 'utf8').catch(() => '')).split('\n').length - 1;

test('the first call installs, the second does not, and arguments and exit status pass through', async () => {
  const first = await bootstrap(['test', 'planning', '-t', 'a name']);
  expect(first.status).toBe(7);
  expect(first.output).toContain('tests: run planning -t a name');
  expect(await readFile(join(folder, 'npm.log'), 'utf8')).toMatch(/^ci --include=dev .*--loglevel=notice\n/);
  expect((await bootstrap(['test'])).status).toBe(7);
  expect(await installations()).toBe(1);
});

test('a changed lock file installs again', async () => {
  await bootstrap(['test']);
  await writeFile(join(folder, 'package-lock.json'), '{ "changed": true }');
  await bootstrap(['test']);
  expect(await installations()).toBe(2);
});

test('packages that somebody installed himself are taken as they are, unless the lock file is newer', async () => {
  await bootstrap(['test']);
  await rm(join(folder, 'node_modules', '.rollcall-lock'));
  await writeFile(join(folder, 'node_modules', '.package-lock.json'), '{}');
  const [past, future] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
  await utimes(join(folder, 'package-lock.json'), past, past);
  await bootstrap(['test']);
  expect(await installations()).toBe(1);
  await utimes(join(folder, 'package-lock.json'), future, future);
  await bootstrap(['test']);
  expect(await installations()).toBe(2);
});

test('a failed installation is tried again next time', async () => {
  expect((await bootstrap(['test'], { NPM_FAILS: '1' })).status).toBe(1);
  expect(existsSync(join(folder, 'node_modules', '.rollcall-lock'))).toBe(false);
  expect((await bootstrap(['test'])).status).toBe(7);
});

test('a step that does not exist is wrong usage', async () => {
  const { status, output } = await bootstrap(['dance']);
  expect(status).toBe(2);
  expect(output).toContain('install|test|demo');
});
