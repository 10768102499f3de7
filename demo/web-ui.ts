import { Client, Connection } from '@temporalio/client';
import type { Stage } from './stage.ts';

/** The Web UI's page of a run; null where the server is not the demo's own and its Web UI is unknown. */
export async function webUiOfRun({ sync, temporal }: Stage, runId: string): Promise<string | null> {
  if (temporal.uiUrl === null) return null;
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const { workflow } = new Client({ connection });
    for await (const execution of workflow.list({
      query: `WorkflowId = "rollcall:${sync}" AND SyncRunId = "${runId}"`,
    })) {
      return `${temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(execution.workflowId)}/${execution.runId}/history`;
    }
    return null;
  } finally {
    await connection.close();
  }
}
