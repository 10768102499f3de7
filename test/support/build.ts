import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../tools/run-command.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Builds the product below `folder` and returns the folder of the compiled code. Commands and workers of the tests run
 * from it: they start in half the time that TypeScript takes, and what ships is what is tested. Types are checked by
 * `npm run types`, not here.
 */
export async function buildProduct(folder: string): Promise<string> {
  const target = join(folder, 'dist');
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await mustRun([tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--noCheck', '--outDir', target]);
  await mustRun([join(ROOT, 'tools/pack.mjs'), target]);
  await mustRun([join(ROOT, 'tools/copy-assets.mjs'), target]);
  return target;
}

async function mustRun(args: string[]): Promise<void> {
  const { status, output } = await runCommand(process.execPath, args);
  if (status !== 0) throw new Error(`The build failed: ${output}`);
}

/** The compiled code that the global set-up made. */
export function builtProduct(): string {
  const folder = process.env['ROLLCALL_TEST_BUILD'];
  if (folder === undefined) throw new Error('No build: this test has to run in the project "system".');
  return folder;
}
