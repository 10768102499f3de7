import type { Genesys } from '../genesys/open.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Settings } from '../model/settings.ts';
import type { State } from '../state/state.ts';

/** What the worker hands in. */
export interface WorkerParts {
  settings: Settings;
  state: State;
  genesys: Genesys;
}

/** What every activity works with. */
export interface Dependencies extends WorkerParts {
  mapping: Mapping;
}

/** Names a run; most activities need no more, since everything else stands in state. */
export interface RunRef {
  runId: string;
  sync: string;
}
