export { syncRun } from './sync-run.ts';
export { applySlice } from './apply-slice.ts';
export { scheduledSync } from './scheduled-sync.ts';
export { approval } from './approval.ts';
