import { Clock } from './clock.ts';
import { Faults, type Outage } from './faults.ts';
import { Groups } from './groups.ts';
import { completeOptions, FIXED_OPTIONS, type SimulatorOptions } from './options.ts';
import { RateWindows } from './rate-window.ts';
import { RequestLog } from './request-log.ts';
import { Tokens } from './tokens.ts';
import { editUser, type Edit } from './users/administration.ts';
import type { SeedUser, SimUser } from './users/sim-user.ts';
import { UserStore } from './users/user-store.ts';
import { UserWrites } from './users/user-writes.ts';

/** Options that may change while the simulator runs. */
export type LiveOptions = Omit<SimulatorOptions, (typeof FIXED_OPTIONS)[number]>;

/** One simulated organisation: its users and groups, and everything that judges requests. */
export class Organisation {
  readonly options: SimulatorOptions;
  readonly clock = new Clock();
  readonly tokens: Tokens;
  readonly rate: RateWindows;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly #given: Partial<SimulatorOptions>;
  #users: UserStore;
  #writes: UserWrites;
  #groups: Groups;

  constructor(given: Partial<SimulatorOptions>, onOutage: (outage: Outage | null) => Promise<void>) {
    this.#given = given;
    this.options = completeOptions(given);
    this.tokens = new Tokens(this.options, this.clock);
    this.rate = new RateWindows(this.options, this.clock);
    this.log = new RequestLog(this.options, this.clock);
    this.faults = new Faults({ revokeTokens: () => this.tokens.revokeAll(), onOutage });
    this.#users = new UserStore(this.options, this.clock);
    this.#writes = new UserWrites(this.#users, this.options);
    this.#groups = this.#makeGroups();
  }

  get users(): UserStore {
    return this.#users;
  }

  get writes(): UserWrites {
    return this.#writes;
  }

  get groups(): Groups {
    return this.#groups;
  }

  seed(users: readonly SeedUser[]): SimUser[] {
    return this.#users.seed(users);
  }

  edit(id: string, edit: Edit): SimUser {
    return editUser(this.#users, this.options, id, edit);
  }

  /** Changes options while running. @throws Error for one that is unknown, fixed at the start, or of another type */
  set(changes: Partial<LiveOptions>): void {
    const fixed: readonly string[] = FIXED_OPTIONS;
    const present: Record<string, unknown> = { ...this.options };
    for (const [name, value] of Object.entries(changes)) {
      if (!(name in present) || fixed.includes(name)) throw new Error(`The option "${name}" cannot be changed now.`);
      if (!sameType(value, present[name])) throw new Error(`The option "${name}" has a value of the wrong type.`);
    }
    Object.assign(this.options, changes);
  }

  /** Back to how it began: no users, empty log, no faults, no tokens, options and clock as at the start. */
  async reset(): Promise<void> {
    this.faults.clear();
    this.faults.release();
    await this.faults.setOutage(null);
    Object.assign(this.options, completeOptions(this.#given));
    this.clock.reset();
    this.tokens.revokeAll();
    this.rate.clear();
    this.log.clear();
    this.#users = new UserStore(this.options, this.clock);
    this.#writes = new UserWrites(this.#users, this.options);
    this.#groups = this.#makeGroups();
  }

  #makeGroups(): Groups {
    return new Groups(this.options.groups, this.clock, (id) => this.#users.living(id) !== undefined);
  }
}

/** Null stands for "none" in some options, so it passes either way. */
function sameType(value: unknown, present: unknown): boolean {
  if (value === null || present === null) return value !== undefined;
  return typeof value === typeof present && Array.isArray(value) === Array.isArray(present);
}
