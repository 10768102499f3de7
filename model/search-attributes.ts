/**
 * Search attributes of every run, for the Web UI's list and saved queries. Never encrypted by Temporal, hence no logins,
 * names or DNs. Keyword values are cut at 255 characters by SQL visibility stores.
 */
export const SEARCH_ATTRIBUTES = {
  SyncName: 'KEYWORD',
  SyncMode: 'KEYWORD',
  SyncOutcome: 'KEYWORD',
  SyncRunId: 'KEYWORD',
  ParkedCount: 'INT',
  HeldCount: 'INT',
} as const;
