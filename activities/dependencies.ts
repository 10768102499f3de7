import type { Genesys } from '../genesys/open.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Settings } from '../model/settings.ts';
import type { State } from '../state/state.ts';

/** What the worker hands to every activity. */
export interface Dependencies {
  settings: Settings;
  mapping: Mapping;
  state: State;
  genesys: Genesys;
}

/** Names a run; most activities need no more, since everything else stands in state. */
export interface RunRef {
  runId: string;
  sync: string;
}
