import { apiApp } from './http/api-app.ts';
import { loginApp } from './http/login-app.ts';
import type { Faults } from './faults.ts';
import { Listener } from './listener.ts';
import type { SimulatorOptions } from './options.ts';
import { Organisation, type LiveOptions } from './organisation.ts';
import type { RequestCounts, RequestLogEntry } from './request-log.ts';
import type { Edit } from './users/administration.ts';
import type { SeedUser, SimUser } from './users/sim-user.ts';

export type { FaultEffect, FaultRule, Faults, Outage } from './faults.ts';
export type { SimulatorOptions } from './options.ts';
export type { RequestCounts, RequestLogEntry } from './request-log.ts';
export type { Edit } from './users/administration.ts';
export type { SeedUser, SimUser } from './users/sim-user.ts';

export interface SimulatorCounts extends RequestCounts {
  users: { active: number; inactive: number; deleted: number };
}

/** A running simulator. Other processes steer it over `loginUrl/_simulator`; see `http/admin-app.ts`. */
export interface Simulator {
  /** Origin of the API, such as `http://127.0.0.1:8087`; SCIM stands below `/api/v2/scim` and `/api/v2/scim/v2`. */
  apiUrl: string;
  /** Origin of the login host. */
  loginUrl: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** Every user in order of creation, inactive and deleted ones too. The records are frozen and never change later. */
  users(): SimUser[];
  /** The requests in order of arrival; a live list that grows. */
  log: readonly RequestLogEntry[];
  counts(): SimulatorCounts;
  faults: Faults;
  /** Puts users there as if they had always been; see {@link SeedUser}. @throws when a login, id or external id is taken */
  seed(users: readonly SeedUser[]): SimUser[];
  /** An administrator's change past SCIM; `{state: 'deleted'}` deletes. */
  edit(id: string, edit: Edit): SimUser;
  /** Changes options while running. */
  set(options: Partial<LiveOptions>): void;
  /** Moves the simulator's time forward, for token life, rate window and index lag. */
  advance(milliseconds: number): void;
  /** Back to how it began; the addresses stay. */
  reset(): Promise<void>;
  /** Lets go of everything. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a simulated Genesys Cloud; it is ready when this returns. @throws the system's error when a port is taken */
export async function startSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const listening: { api?: Listener } = {};
  const organisation = new Organisation(options, async (outage) => {
    await (outage === 'refused' ? listening.api?.close() : listening.api?.reopen());
  });
  const { host, apiPort, loginPort } = organisation.options;
  const api = await Listener.open(apiApp(organisation), host, apiPort);
  listening.api = api;
  try {
    return simulatorOf(organisation, api, await Listener.open(loginApp(organisation), host, loginPort));
  } catch (error) {
    await api.close();
    throw error;
  }
}

function simulatorOf(organisation: Organisation, api: Listener, login: Listener): Simulator {
  return {
    apiUrl: api.url,
    loginUrl: login.url,
    tokenUrl: `${login.url}/oauth/token`,
    clientId: organisation.options.clientId,
    clientSecret: organisation.options.clientSecret,
    users: () => organisation.users.all(),
    log: organisation.log.entries,
    counts: () => ({ ...organisation.log.counts, users: organisation.users.numbers() }),
    faults: organisation.faults,
    seed: (users) => organisation.seed(users),
    edit: (id, edit) => organisation.edit(id, edit),
    set: (changes) => organisation.set(changes),
    advance: (milliseconds) => organisation.clock.advance(milliseconds),
    reset: () => organisation.reset(),
    stop: async () => {
      organisation.faults.clear();
      await Promise.all([api.close(), login.close()]);
      organisation.faults.release();
    },
  };
}
