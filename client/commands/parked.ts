import { pc } from '../colours.ts';
import type { Ignore } from '../../model/ignore.ts';
import type { IgnoredPerson } from '../../state/ignores.ts';
import type { ParkedRow } from '../../state/state.ts';
import { ignoredSentence, namesOf } from '../ignored-people.ts';
import { say, sayJson } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

/** One element of `parked --json`; `ignored` is null for somebody whose change later runs try again. */
export interface ShownParked extends ParkedRow {
  ignored: Ignore | null;
}

/** `parked`: changes that failed for their own reasons, with what to do about each, and who is ignored. */
export function parked(options: CommonOptions): Promise<number> {
  return withSession(options, async ({ settings, state }) => {
    const { ignores, parked: store } = await state();
    const ignored = new Map((await ignores.list(settings.name)).map((person) => [person.anchor, person]));
    const rows = await store.list(settings.name);
    const shown = rows.map((row): ShownParked => ({ ...row, ignored: ignoreOf(ignored.get(row.anchor)) }));
    const others = [...ignored.values()].filter(({ anchor }) => !rows.some((row) => row.anchor === anchor));
    if (options.json === true) sayJson(shown);
    else if (shown.length + others.length === 0) say('Nothing is parked.');
    else say([...shown.map(render), ...others.map(renderIgnored)].join('\n'));
    return 0;
  });
}

function ignoreOf(person: IgnoredPerson | undefined): Ignore | null {
  if (person === undefined) return null;
  const { until, reason, actor, at, parkedKind } = person;
  return { until, reason, actor, at, parkedKind };
}

/** A few lines for each, since the sentences are too long for a table; the DN tells two of one login apart. */
function render(row: ShownParked): string {
  const tried = row.attempts === 1 ? 'tried once' : `tried ${row.attempts} times`;
  const next = row.ignored === null ? `due again ${row.nextAttemptAt}` : ignoredSentence(row.ignored);
  const correlation = row.correlationId === null ? '' : `; correlation id ${row.correlationId}`;
  return [
    `${pc.bold(row.kind)} ${[row.userName, row.dn].filter((text) => text !== '').join(', ')}`,
    `    ${row.message}`,
    pc.dim(`    ${tried}, ${next}${correlation}`),
  ].join('\n');
}

/** Somebody who is ignored although nothing of him is parked. */
function renderIgnored(person: IgnoredPerson): string {
  return `${pc.bold('nothing')} ${namesOf(person)}\n${pc.dim(`    ${ignoredSentence(person)}`)}`;
}
