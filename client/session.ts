import { userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import { loadSettings } from '../config/load.ts';
import type { Settings } from '../model/settings.ts';
import { openState } from '../state/open.ts';
import type { State } from '../state/state.ts';
import { temporalFailure } from '../temporal/failures.ts';

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  json?: boolean;
}

/** Options of commands that act. */
export interface ActingOptions extends CommonOptions {
  actor?: string;
  wait?: boolean;
}

/** What a command works with; opened when first asked for, closed by {@link withSession}. */
export interface Session {
  readonly settings: Settings;
  state(): Promise<State>;
  temporal(): Promise<Client>;
}

export function readSettings(options: CommonOptions): Settings {
  return loadSettings({
    ...(options.config === undefined ? {} : { file: options.config }),
    env: process.env,
    cwd: process.cwd(),
  });
}

/** Runs a command's body with a session and closes whatever it opened. */
export async function withSession<T>(options: CommonOptions, body: (session: Session) => Promise<T>): Promise<T> {
  const settings = readSettings(options);
  let state: Promise<State> | undefined;
  let temporal: Promise<Client> | undefined;
  try {
    return await body({
      settings,
      state: () => (state ??= openState(settings.state)),
      temporal: () => (temporal ??= connect(settings)),
    });
  } catch (error) {
    throw temporalFailure(error);
  } finally {
    const [opened, connected] = await Promise.allSettled([state, temporal]);
    if (opened.status === 'fulfilled') await opened.value?.close();
    if (connected.status === 'fulfilled') await connected.value?.connection.close();
  }
}

/** Loads the SDK here, since it takes longer to load than many commands, which need no Temporal, take altogether. */
async function connect({ encryption }: Settings): Promise<Client> {
  const { connectClient } = await import('../temporal/client-connection.ts');
  return connectClient(encryption);
}

/** Who acts, for the audit trail: `--actor`, else the system's user. */
export function actorOf(options: ActingOptions): string {
  return options.actor ?? userInfo().username;
}
