/** Longest error text that may stand in a history. */
const LIMIT = 900;

/**
 * The innermost message of a failure: the sentence that an activity wrote for people. Temporal wraps it in an
 * ActivityFailure, and that in a ChildWorkflowFailure, whose own texts say nothing of use.
 */
export function failureSentence(error: unknown): string {
  let innermost = error;
  for (let depth = 0; depth < 10 && innermost instanceof Error && innermost.cause instanceof Error; depth += 1) {
    innermost = innermost.cause;
  }
  const text = innermost instanceof Error ? innermost.message : String(innermost);
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 1)}…` : text;
}
