import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLockFile } from './lock-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('two holders of one lock never work at once', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
  };
  const path = join(folder, 'contended.lock');
  await Promise.all([1, 2, 3].map(() => withLockFile(path, work)));
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that died is taken away', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const path = join(folder, 'dead.lock');
  await writeFile(path, String(child.pid));
  expect(await withLockFile(path, () => Promise.resolve('done'))).toBe('done');
});

test('work that fails gives the lock back', async () => {
  const path = join(folder, 'failing.lock');
  await expect(withLockFile(path, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(existsSync(path)).toBe(false);
});
