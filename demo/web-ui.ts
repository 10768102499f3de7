import { Client, Connection } from '@temporalio/client';
import type { Stage } from './stage.ts';

/** The Web UI's page of the newest run; null where the server is not the demo's own and its Web UI is unknown. */
export async function webUiOfLastRun({ sync, temporal }: Stage): Promise<string | null> {
  if (temporal.uiUrl === null) return null;
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const { workflowId, runId } = await new Client({ connection }).workflow.getHandle(`rollcall:${sync}`).describe();
    return `${temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
  } finally {
    await connection.close();
  }
}
