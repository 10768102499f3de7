import type { Provenance } from '../../model/entry.ts';
import { pc } from '../colours.ts';
import { ignoredSentence } from '../ignored-people.ts';
import { changeName, differenceLines, shortPath, showValue } from '../render-values.ts';
import type { ExplainedChange, Explanation } from './explanation.ts';
import type { LiveEntry } from './live-look.ts';

/** An explanation for people. */
export function renderExplanation(explanation: Explanation): string {
  const { person, others, lastMapped } = explanation;
  const names = [person.displayName, person.userName].filter((text) => text !== '').join(', ');
  const lines = [
    pc.bold(names === '' ? person.anchor : names),
    ...(person.dn === '' ? [] : [`    ${person.dn}`]),
    `    anchor ${person.anchor}`,
    ...linkLines(explanation),
    ...explanation.directories.flatMap((look) => directoryLines(look, explanation)),
    ...holderLines(explanation),
    ...nextRunLines(explanation),
    ...waitingLines(explanation),
    ...decisionLines(explanation),
    ...changeLines(explanation.changes),
    ...(lastMapped === null ? [] : mappedLines(lastMapped)),
  ];
  if (others.length > 0) lines.push(heading('The name also fits'));
  for (const one of others) lines.push(`    ${[one.userName, one.dn, one.anchor].filter(Boolean).join(', ')}`);
  return lines.join('\n');
}

function heading(text: string): string {
  return `\n${pc.bold(text)}`;
}

function linkLines({ link }: Explanation): string[] {
  if (link === null) return [heading('Genesys Cloud'), '    no user: Rollcall neither created nor adopted one'];
  const written = Object.entries(link.written).map(
    ([path, value]) => `    ${pc.dim(shortPath(path))}: ${showValue(value)}`,
  );
  const state = link.active ? pc.green('active') : pc.yellow('inactive');
  return [
    heading('Genesys Cloud'),
    `    user ${link.genesysId}, ${state}${madeOn(link.provenance)}; last written:`,
    ...written,
  ];
}

/** When somebody's entry was made tells him from others who had his login. */
function madeOn(provenance: Provenance | undefined): string {
  const time = provenance?.createdAt ?? null;
  return time === null ? '' : `, entry made on ${time.slice(0, 'YYYY-MM-DD'.length)}`;
}

function directoryLines(look: Explanation['directories'][number], { link }: Explanation): string[] {
  const title = heading(`Directory ${look.directory}`);
  if (look.error !== null) return [title, `    ${pc.red('not asked:')} ${look.error}`];
  if (look.entry !== null) return [title, ...entryLines(look.entry)];
  const gone = link !== null && link.directory === look.directory;
  return [title, gone ? '    no entry has this anchor any more: a run counts him as gone' : '    no entry'];
}

function entryLines(live: LiveEntry): string[] {
  const { entry, withinBases, matchesFilter, excludedBy } = live;
  const [base] = withinBases;
  return [
    `    ${entry.dn}${madeOn(entry.provenance)}`,
    rule(base !== undefined, base === undefined ? 'below none of the bases' : `below ${base}`),
    rule(live.isPerson, `${live.isPerson ? 'a' : 'no'} person by the rules for this kind of server`),
    ...(matchesFilter === null
      ? []
      : [rule(matchesFilter, `${matchesFilter ? 'matches' : 'does not match'} the filter`)]),
    rule(
      excludedBy.length === 0,
      excludedBy.length === 0 ? 'matches nothing in exclude' : `excluded by ${excludedBy.join(', ')}`,
    ),
    rule(entry.enabled, entry.enabled ? 'enabled' : `disabled: ${entry.disabledBecause ?? 'the directory says so'}`),
    ...(entry.dueAt === null ? [] : [`    ${pc.dim('that changes at')} ${entry.dueAt}`]),
    `    => ${verdict(live)}`,
    ...userLines(live),
  ];
}

function rule(holds: boolean, text: string): string {
  return `    ${holds ? pc.green('yes') : pc.red('no ')} ${text}`;
}

function verdict({ inScope, entry, mapped }: LiveEntry): string {
  if (!inScope) return 'out of scope';
  if (mapped.desired === null) return 'in scope, but the entry cannot be used until its problems are corrected';
  return entry.enabled && mapped.desired.active ? 'in scope and active' : 'in scope, but may not be active';
}

function userLines({ mapped }: LiveEntry): string[] {
  const { desired, problems, warnings } = mapped;
  const attributes = desired?.attributes ?? [];
  const values = attributes
    .filter(({ value, reference }) => value !== null || reference !== null)
    .map(({ path, value, reference }) => {
      const shown = reference === null ? showValue(value) : `the person with anchor ${reference}`;
      return `    ${pc.dim(shortPath(path))}: ${shown}`;
    });
  return [
    ...(values.length === 0 ? [] : ['    maps to:', ...values]),
    ...problems.map(({ attribute, problem }) => `    ${pc.red('problem')} ${shortPath(attribute)}: ${problem}`),
    ...warnings.map(({ attribute, problem }) => `    ${pc.yellow('warning')} ${shortPath(attribute)}: ${problem}`),
  ];
}

function holderLines({ loginHolders }: Explanation): string[] {
  if (loginHolders.length === 0) return [];
  const lines = loginHolders.map(({ displayName, anchor, genesysId, active, dn, provenance }) => {
    const state = active ? 'active' : 'inactive';
    return `    ${displayName}: user ${genesysId}, ${state}; anchor ${anchor}, last read as ${dn}${madeOn(provenance)}`;
  });
  return [heading('Somebody else has this login'), ...lines];
}

function nextRunLines({ nextRun, nextRunUnknown }: Explanation): string[] {
  const title = heading('The next run would');
  if (nextRun === null) return [title, `    ${pc.yellow('not known:')} ${nextRunUnknown ?? ''}`];
  const { kind, reason, before, after, parked, held } = nextRun;
  if (kind === null) return [title, `    do nothing: ${reason}`];
  return [
    title,
    `    ${pc.bold(kind)}: ${reason}`,
    ...(parked === null ? [] : [`    ${pc.red('park it')} (${parked.code}): ${parked.message}`]),
    ...(held === null ? [] : [`    ${pc.yellow('hold it')}: ${held.join('; ')}`]),
    ...differenceLines(before, after).map((line) => `  ${line}`),
  ];
}

function waitingLines({ parked, held }: Explanation): string[] {
  const lines: string[] = [];
  if (parked !== null) {
    const correlation = parked.correlationId === null ? '' : `; correlation id ${parked.correlationId}`;
    lines.push(
      heading(`Parked: ${parked.kind} (${parked.code})`),
      `    ${parked.message}`,
      pc.dim(
        `    tried ${parked.attempts} times since ${parked.firstAt}, due again ${parked.nextAttemptAt}${correlation}`,
      ),
    );
  }
  for (const { heldBatch, kind, reason, heldBecause, reasons, dryRun, expiresAt } of held) {
    const what = dryRun ? `Planned by a dry run: ${kind}` : `Waits for a decision: ${kind}`;
    const why = [...(heldBecause === null ? [] : [heldBecause]), ...reasons];
    const because = why.length === 0 ? [] : [`    ${pc.yellow('held:')} ${why.join('; ')}`];
    lines.push(
      heading(what),
      `    ${reason}`,
      ...because,
      `    \`approve --plan ${heldBatch}\`, open until ${expiresAt}`,
    );
  }
  return lines;
}

function decisionLines({ ignored, decisions, ties }: Explanation): string[] {
  const said = decisions.map(({ at, actor, action, reason, until }) => {
    const end = until === null ? '' : ` until ${until}`;
    return `    ${at} ${pc.bold(action)}${end} by ${actor}${reason === null ? '' : `: ${reason}`}`;
  });
  const tied = ties.map(({ at, actor, action, reason, genesysId }) => {
    return `    ${at} ${pc.bold(action)} ${action === 'link' ? 'to' : 'from'} user ${genesysId} by ${actor}: ${reason}`;
  });
  return [
    ...(ignored === null ? [] : [heading(pc.yellow(`Now ${ignoredSentence(ignored)}`))]),
    ...(said.length + tied.length === 0 ? [] : [heading('Decisions'), ...said, ...tied]),
  ];
}

function changeLines(changes: readonly ExplainedChange[]): string[] {
  if (changes.length === 0) return [heading('Changes'), '    none was ever applied'];
  return [heading('Changes'), ...changes.flatMap(oneChange)];
}

function oneChange(change: ExplainedChange): string[] {
  const { at, actor, reason, runId, request, correlationId, before, after } = change;
  const sent = request === null ? 'nothing was sent' : `${request.method} ${request.path}`;
  const correlation = correlationId === null ? '' : `, correlation id ${correlationId}`;
  return [
    `    ${at} ${pc.bold(changeName(change))} by ${actor}: ${reason}`,
    pc.dim(`        run ${runId}, ${sent}${correlation}`),
    ...differenceLines(before, after).map((line) => `    ${line}`),
  ];
}

function mappedLines({ runId, mode, startedAt, notes }: NonNullable<Explanation['lastMapped']>): string[] {
  const found = notes.map(({ severity, attribute, problem }) => {
    const colour = severity === 'problem' ? pc.red : pc.yellow;
    return `    ${colour(severity)} ${shortPath(attribute)}: ${problem}`;
  });
  const title = heading(`Last read in full by the ${mode} run ${runId} of ${startedAt}`);
  return [title, ...(found.length === 0 ? ['    nothing was found wrong with the entry'] : found)];
}
