import { vi } from 'vitest';
import { awaitShared, SHARED_FOLDER } from './shared.ts';

// Runs before every file of system tests, in its process, which may have run other files before.
vi.unstubAllEnvs();
Object.assign(process.env, await awaitShared(process.env[SHARED_FOLDER] ?? ''));
