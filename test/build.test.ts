import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../tools/run-command.ts';
import { builtProduct } from './support/build.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-build-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the built command line runs by its name and finds the data files it ships', async () => {
  const config = join(folder, 'rollcall.yaml');
  const { status, output } = await runCommand(join(builtProduct(), 'client/main.js'), ['init', '--config', config]);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(await readFile(config, 'utf8')).toContain('directories:');
});

test('the built workflows make a bundle', async () => {
  const workflowsPath = join(builtProduct(), 'workflows/index.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  expect(code).toContain('syncRun');
});

test('the sources run without a build step', async () => {
  const config = join(folder, 'none.yaml');
  const typed = ['client/main.ts', 'status', '--config', config];
  const { status, output } = await runCommand(process.execPath, ['--import', 'tsx', ...typed]);
  expect({ status, output }).toEqual({ status: 2, output: expect.stringContaining(`${config}, named by --config,`) });
});
