export { syncRun } from './sync-run.ts';
export { applySlice } from './apply-slice.ts';
export { approval } from './approval.ts';
