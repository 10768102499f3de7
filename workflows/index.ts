export { syncRun } from './sync-run.ts';
export { applySlice } from './apply-slice.ts';
export { recycleUser } from './recycle-user.ts';
export { scheduledSync } from './scheduled-sync.ts';
export { provisionUser } from './provision-user.ts';
export { approval } from './approval.ts';
