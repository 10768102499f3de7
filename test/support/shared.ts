import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names the folder in which the global set-up tells when what all system tests share is there. */
export const SHARED_FOLDER = 'ROLLCALL_TEST_FOLDER';
const STEP_MS = 100;

/** What the environment of system tests says of the shared servers, bundle and build. */
export interface Shared {
  ROLLCALL_TEST_TEMPORAL_ADDRESS?: string;
  ROLLCALL_TEST_TEMPORAL_UI?: string;
  ROLLCALL_TEST_POSTGRES_URL?: string;
  ROLLCALL_TEST_BUNDLE?: string;
  ROLLCALL_TEST_BUILD?: string;
}

interface Told {
  shared: Shared;
  /** Why something of it could not be had. */
  failure: string | null;
}

const fileIn = (folder: string): string => join(folder, 'shared.json');

/** Written aside first, so that nobody reads half of it. */
export async function tellShared(folder: string, told: Told): Promise<void> {
  await writeFile(`${fileIn(folder)}.new`, JSON.stringify(told));
  await rename(`${fileIn(folder)}.new`, fileIn(folder));
}

/** Waits as long as the set-up takes. Fails with its words when it failed. */
export async function awaitShared(folder: string): Promise<Shared> {
  for (;;) {
    const text = await readFile(fileIn(folder), 'utf8').catch(() => null);
    if (text === null) {
      await sleep(STEP_MS);
      continue;
    }
    const { shared, failure } = JSON.parse(text) as Told;
    if (failure !== null) throw new Error(`The set-up of the system tests failed: ${failure}`);
    return shared;
  }
}
