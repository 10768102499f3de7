import { vi } from 'vitest';
import type { CommonOptions } from '../../client/session.ts';
import type { Stage } from './stage.ts';
import { temporalAddress } from './temporal.ts';

/**
 * Calls a command in this process, with `--json`, and returns its exit status and what it printed: as many processes as
 * some tests have commands would take longer than everything else in them. Not for tests that run side by side.
 */
export async function here<T>(
  stage: Stage,
  run: (common: Required<CommonOptions>) => Promise<number>,
): Promise<{ status: number; json: T }> {
  vi.stubEnv('TEMPORAL_ADDRESS', temporalAddress());
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const status = await run({ config: stage.rollcall.configFile, json: true });
    return { status, json: JSON.parse(String(stdout.mock.calls.at(-1)?.[0])) as T };
  } finally {
    stdout.mockRestore();
    vi.unstubAllEnvs();
  }
}
