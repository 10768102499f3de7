import type { Dependencies } from './dependencies.ts';

/** Parks a change whose write never came to an end within its time. */
export async function parkChange(
  { state }: Dependencies,
  input: { runId: string; seq: number; message: string },
): Promise<void> {
  const { runId, seq, message } = input;
  await state.changes.park({ runId, seq }, null, { code: 'genesys.timeout', message, correlationId: null }, null);
}
