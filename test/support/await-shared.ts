import { awaitShared, SHARED_FOLDER } from './shared.ts';

// Runs before every file of system tests, in its process.
Object.assign(process.env, await awaitShared(process.env[SHARED_FOLDER] ?? ''));
