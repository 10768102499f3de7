import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { config, ENV as SECRETS } from '../test/support/config-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'rollcall-npm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without the settings that the npm which runs the tests hands down, as a script would call it. */
const ENV = { ...SECRETS, ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))) };

/** `npm run client -- ...`, through npm itself. */
function npmRunClient(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const done = (error: Error | null, stdout: string, stderr: string) => {
      const code = error === null ? 0 : 'code' in error ? Number(error.code) : 1;
      resolve({ status: code, stdout, stderr });
    };
    execFile('npm', ['run', 'client', '--', ...args], { cwd: ROOT, env: ENV }, done);
  });
}

test('npm adds nothing to what a command prints', { timeout: 120_000 }, async () => {
  const file = join(folder, 'rollcall.yaml');
  writeFileSync(file, stringify(config()));
  const none = join(folder, 'none.yaml');
  const calls = [file, none].map((config) => npmRunClient('runs', '--json', '--config', config));
  const [listed, refused] = await Promise.all(calls);
  expect(listed).toEqual({ status: 0, stdout: '[]\n', stderr: '' });
  expect(refused).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^[^\n]*none\.yaml[^\n]*\.\n$/),
  });
});
