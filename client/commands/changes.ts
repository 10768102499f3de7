import { CHANGE_KINDS, type ChangeKind } from '../../model/change.ts';
import type { AuditRow } from '../../state/state.ts';
import { pc } from '../colours.ts';
import { requireKnown } from '../explain/find-person.ts';
import { note, say, sayJson, table } from '../output.ts';
import { changeName, differences } from '../render-values.ts';
import { withSession, type CommonOptions, type Session } from '../session.ts';

export interface ChangesOptions extends CommonOptions {
  /** Milliseconds back from now. */
  since?: number;
  kind?: ChangeKind;
  /** Login, mail, DN or anchor. */
  person?: string;
  limit: number;
}

/** `changes`: what was applied, from the audit trail, newest first. */
export function changes(options: ChangesOptions): Promise<number> {
  return withSession(options, async (session) => {
    const rows = await find(session, options);
    const shown = rows.slice(0, options.limit);
    if (rows.length > shown.length) {
      note(`Only the newest ${options.limit} are shown; narrow with --since, --kind or --person, or raise --limit.`);
    }
    if (options.json === true) sayJson(shown);
    else say(shown.length === 0 ? 'No change was applied.' : renderApplied(shown));
    return 0;
  });
}

/** One more than asked for, which tells whether there are more. */
async function find(session: Session, options: ChangesOptions): Promise<AuditRow[]> {
  const { lookBack } = await session.state();
  const anchors =
    options.person === undefined ? null : (await requireKnown(session, options.person)).map((person) => person.anchor);
  return lookBack.applied(session.settings.name, {
    kinds: options.kind === undefined ? CHANGE_KINDS : [options.kind],
    since: options.since === undefined ? null : new Date(Date.now() - options.since).toISOString(),
    anchors,
    limit: options.limit + 1,
  });
}

/** A table for people; what it abbreviates, `--json` tells in full. */
export function renderApplied(rows: readonly AuditRow[]): string {
  const head = ['when', 'change', 'who', 'what', 'why', 'by', 'run', 'correlation id'];
  const lines = rows.map((row) => [
    row.at,
    changeName(row),
    row.userName,
    differences(row.before, row.after)
      .map(({ name, before, after }) => `${pc.dim(name)}: ${before === null ? '' : `${before} -> `}${after}`)
      .join('\n'),
    row.reason,
    row.actor,
    row.runId.slice(0, 8),
    row.correlationId ?? '',
  ]);
  return table(head, lines);
}
