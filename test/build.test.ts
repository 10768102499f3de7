import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, type CommandResult } from '../tools/run-command.ts';

const ROOT = join(import.meta.dirname, '..');
/** The compiler takes some 10 s on two free cores. */
const BUILD_MS = 240_000;

let folder: string;
let build: CommandResult;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-build-'));
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = join(ROOT, 'tsconfig.build.json');
  build = await runCommand(process.execPath, [tsc, '-p', project, '--outDir', join(folder, 'dist')]);
  await runCommand(process.execPath, [join(ROOT, 'tools/copy-assets.mjs'), join(folder, 'dist')]);
}, BUILD_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the build has no error', () => {
  expect(build).toEqual({ status: 0, output: '' });
});

test('the built command line runs by its name and finds the data files it ships', async () => {
  const config = join(folder, 'rollcall.yaml');
  const { status, output } = await runCommand(join(folder, 'dist/client/main.js'), ['init', '--config', config]);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(await readFile(config, 'utf8')).toContain('directories:');
});

test('the built workflows make a bundle', async () => {
  const workflowsPath = join(folder, 'dist/workflows/index.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  expect(code).toContain('syncRun');
});
