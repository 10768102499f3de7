import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;
/** A lock file that names nobody after this long was left by a process that died while it wrote it. */
const UNREADABLE_MS = 5_000;

/**
 * Runs `work` while no other process of this machine does the same, by a file that names the holder's process id. A
 * lock whose holder has died is taken away. Waits as long as the holder lives.
 */
export async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  await take(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<void> {
  let unreadableSince: number | null = null;
  while (!(await create(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0) unreadableSince = null;
    else unreadableSince ??= performance.now();
    const unreadable = unreadableSince !== null && performance.now() - unreadableSince > UNREADABLE_MS;
    if (unreadable || (holder > 0 && !isAlive(holder))) await rm(path, { force: true });
    else await sleep(POLL_MS);
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
