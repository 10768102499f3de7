import begin from './global-setup.ts';
import { awaitShared, SHARED_FOLDER } from './shared.ts';

/** For programs beside the test runner: all that system tests share, there when this ends. Answers with what stops it. */
export async function setUp(): Promise<() => Promise<void>> {
  const stop = await begin();
  try {
    Object.assign(process.env, await awaitShared(process.env[SHARED_FOLDER] ?? ''));
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
