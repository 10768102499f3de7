import type { Dependencies } from './dependencies.ts';

/** Longest name in a summary, so that ten of them stay below 500 bytes. */
const LABEL_BYTES = 40;

/** Who the changes `from`..`to` are about, for the summaries in the Web UI. */
export async function describeChanges(
  { state }: Dependencies,
  input: { runId: string; from: number; to: number },
): Promise<string[]> {
  const labels = await state.changes.labels(input.runId, input.from, input.to);
  return labels.map((label) => {
    const bytes = Buffer.from(label);
    return bytes.length <= LABEL_BYTES ? label : `${bytes.subarray(0, LABEL_BYTES - 3).toString()}…`;
  });
}
