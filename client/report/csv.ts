import type { RunDetails } from './details.ts';

/**
 * A table as CSV (RFC 4180): lines end with CR LF; a field with a comma, a quote or a line end stands in quotes. A field
 * that begins like a formula gets an apostrophe, since a spreadsheet would run what a directory says.
 */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

const COLUMNS = [
  ...['run', 'kind', 'status', 'userName', 'displayName', 'dn', 'anchor', 'genesysId', 'reason', 'before', 'after'],
  ...['at', 'actor', 'code', 'message', 'correlationId', 'heldBecause'],
];

/** Every change of a run, one a line; `before` and `after` are JSON, empty where there is nothing. */
export function changesCsv({ report, changes }: RunDetails): string {
  const json = (value: unknown): string => (value === null ? '' : JSON.stringify(value));
  const rows = changes.map((change) => [
    ...[report.runId, change.kind, change.status, change.userName, change.displayName, change.dn, change.anchor],
    ...[change.genesysId ?? '', change.reason, json(change.before), json(change.after), change.at ?? ''],
    ...[change.actor ?? '', change.code ?? '', change.message ?? '', change.correlationId ?? ''],
    change.heldBecause ?? '',
  ]);
  return toCsv([COLUMNS, ...rows]);
}
