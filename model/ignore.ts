import type { ChangeKind } from './change.ts';

/** An operator's word that runs leave one person alone for a time. */
export interface Ignore {
  /** ISO time at which it ends by itself. */
  until: string;
  reason: string;
  /** Who said so, and when. */
  actor: string;
  at: string;
  /** The kind of his parked change at that time; null where none was parked. */
  parkedKind: ChangeKind | null;
}
