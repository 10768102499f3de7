import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StateSettings } from '../../model/settings.ts';
import { openState, type OpenOptions } from '../../state/open.ts';
import type { RunStart, State } from '../../state/state.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;

/** Hands out empty states of one engine. */
export interface StatePlace {
  /** Settings of a new, empty place. */
  settings(): Promise<StateSettings>;
  /** A new, empty state. */
  open(options?: OpenOptions): Promise<State>;
  /** Closes the states opened here and removes their places. */
  close(): Promise<void>;
}

export async function statePlace(engine: (typeof ENGINES)[number]): Promise<StatePlace> {
  const root = await mkdtemp(join(tmpdir(), 'rollcall-state-'));
  const server: TestPostgres | null = engine === 'postgres' ? await startPostgres() : null;
  const opened: State[] = [];
  const settings = async (): Promise<StateSettings> => {
    const folder = join(await mkdtemp(join(root, 'place-')), '.rollcall');
    const url = server === null ? null : await server.database();
    return { folder, url: url === null ? null : { read: () => url } };
  };
  return {
    settings,
    open: async (options = {}) => {
      const state = await openState(await settings(), options);
      opened.push(state);
      return state;
    },
    close: async () => {
      await Promise.all(opened.map((state) => state.close()));
      await server?.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A full run of sync `corp`. */
export function runStart(runId: string, more: Partial<RunStart> = {}): RunStart {
  return {
    runId,
    sync: 'corp',
    workflowId: 'rollcall:corp',
    mode: 'full',
    dryRun: false,
    actor: 'alice',
    configHash: 'config-1',
    batch: null,
    ...more,
  };
}

/** The nth anchor, in order. */
export function anchorOf(n: number): string {
  return `0a000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}
