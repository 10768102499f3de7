import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../model/errors.ts';

/**
 * Parses one YAML document.
 * @throws ConfigError with file, line and column; duplicate keys, unknown tags and further documents are errors too.
 */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) {
    const { line, col } = lines.linePos(wrong.pos[0]);
    throw new ConfigError(`${file} is no valid YAML at line ${line}, column ${col}: ${sentence(wrong)}`, {
      cause: wrong,
    });
  }
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw new ConfigError(`${file} is no valid YAML: an alias names no anchor before it, or expands without end.`, {
      cause: error,
    });
  }
}

/** The parser's own words; where they would quote the file, which may hold a secret, words of ours. */
function sentence(error: { code: string; message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'a key stands there twice; keep one of them.';
  if (error.code === 'TAB_AS_INDENT') return 'a tab indents the line; use spaces.';
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins; keep one.';
  if (error.code === 'TAG_RESOLVE_FAILED')
    return 'an unknown tag or a value that does not fit its tag; write the plain value.';
  const message = error.code === 'UNEXPECTED_TOKEN' ? error.message.replace(/:.*$/s, '') : error.message;
  return message.replace(/\s+/g, ' ').replace(/\.?$/, '.');
}
