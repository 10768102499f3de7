import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { EncryptionSettings } from '../model/settings.ts';
import { EncryptionCodec } from './encryption-codec.ts';

/**
 * How values become what Temporal keeps: one for client, worker and replay. With encryption everything that passes
 * through it is encrypted: inputs, results, heartbeats, memo, summaries, messages and stack traces of failures, answers to
 * queries and updates. Never encrypted are ids, types, task queues, search attributes, notes of schedules and identities.
 */
export function dataConverter(encryption: EncryptionSettings | null): DataConverter {
  const payloadCodecs = [new EncryptionCodec(encryption)];
  if (encryption === null) return { payloadCodecs };
  return {
    payloadCodecs,
    failureConverterPath: fileURLToPath(new URL('../temporal/failure-converter.cjs', import.meta.url)),
  };
}
