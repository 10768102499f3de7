import type { SimulatorOptions } from '../options.ts';

/** What the writing of attributes needs to know besides the user. */
export interface WriteContext {
  options: SimulatorOptions;
  /** Whether an id belongs to a user who is not deleted. */
  userExists: (id: string) => boolean;
  /** Permissions that this write turned out to need. */
  needed: Set<string>;
}
