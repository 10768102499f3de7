import { EXIT } from '../exit.ts';
import { followRun } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { requireRunning } from '../running.ts';
import { withSession, type ActingOptions } from '../session.ts';

/** `cancel`: no further user is started, those in flight finish, the rest is void. With `--wait` exit 6 when it is done. */
export function cancel(options: ActingOptions): Promise<number> {
  return withSession(options, async (session) => {
    const { handle, runId } = await requireRunning(session);
    await handle.cancel();
    if (options.wait === true) return followRun(session, options, handle, runId);
    if (options.json === true) sayJson({ runId, workflowId: handle.workflowId });
    else say(`Run ${runId} is told to stop; users in flight finish. See how it ended with \`runs\`.`);
    return EXIT.done;
  });
}
