import { Context } from '@temporalio/activity';

/** First heartbeat: most activities are done by then and cost none. */
const INTERVAL_MS = 3_000;

/** Runs a step while telling the server every three seconds that this worker lives. */
export async function whileBeating<T>(step: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), INTERVAL_MS);
  try {
    return await step();
  } finally {
    clearInterval(timer);
  }
}
