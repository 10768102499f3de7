import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';
import type { EncryptionSettings } from '../model/settings.ts';

/**
 * A bundle made beforehand (tests, images) or the sources, bundled at start: with encryption always the latter, since the
 * failures that workflows throw are made fit for encryption inside their bundle.
 */
export function workflowCode(
  encryption: EncryptionSettings | null,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = process.env['ROLLCALL_WORKFLOW_BUNDLE'];
  if (codePath !== undefined && encryption === null) return { workflowBundle: { codePath } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return { workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) };
}
