/** One `name eq value` of a filter; the value is kept as text. */
export interface Comparison {
  name: string;
  value: string;
}

const COMPARISON = /\s*([A-Za-z$][\w$.:-]*)\s+eq\s+("(?:[^"\\]|\\.)*"|[^\s"()[\]]+)\s*/iy;
const AND = /and\s+/iy;

/**
 * Reads `a eq "x"` and `a eq "x" and b eq y`: the whole of the documented grammar, with values quoted (as RFC 7644
 * has it) or not (as the published examples have it). Null for anything else.
 */
export function parseComparisons(text: string): Comparison[] | null {
  const found: Comparison[] = [];
  let position = 0;
  for (;;) {
    COMPARISON.lastIndex = position;
    const match = COMPARISON.exec(text);
    const value = match === null ? null : unquote(match[2]!);
    if (match === null || value === null) return null;
    found.push({ name: match[1]!, value });
    if (COMPARISON.lastIndex === text.length) return found;
    AND.lastIndex = COMPARISON.lastIndex;
    if (!AND.test(text)) return null;
    position = AND.lastIndex;
  }
}

function unquote(text: string): string | null {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}
