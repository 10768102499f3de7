import { html, raw } from 'hono/html';
import type { RunReport } from '../../model/run.ts';
import type { RunChange } from '../../state/look-back.ts';
import type { RunNote } from '../../state/state.ts';
import { takeoverLines } from '../render-takeover.ts';
import { differences, shortPath } from '../render-values.ts';
import { countsChart } from './chart.ts';
import { outcomeOf, type RunDetails } from './details.ts';
import { STYLE } from './style.ts';

/** A browser shows a table of so many rows at once without stalling; the CSV has all. */
export const MOST_ROWS = 5_000;

/** A run as one page that needs nothing else: no scripts, no other file, no network. */
export async function reportPage(details: RunDetails): Promise<string> {
  const { report } = details;
  const parked = details.changes.filter(({ status }) => status === 'parked');
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Rollcall: ${report.mode} run ${report.runId}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${head(details)} ${facts(report)}
          <section>
            <h2>Changes</h2>
            ${countsChart(report)}
            <p>${report.unchanged} people unchanged</p>
          </section>
          ${takeoverSection(details)} ${parkedSection(parked)} ${changesSection(details)} ${notesSection(details)}
        </main>
      </body>
    </html>`;
  return `${page.toString()}\n`;
}

function head({ report, startedAt, finishedAt, actor }: RunDetails): unknown {
  const dry = report.dryRun ? ' (dry run: nothing was written)' : '';
  const outcome = finishedAt === null ? 'not ended' : report.outcome;
  return html`<header>
    <h1>${report.mode} run${dry} <span class="badge ${outcome.replace(' ', '-')}">${outcome}</span></h1>
    <p class="quiet">${report.runId}, started ${startedAt} by ${actor}, ${(report.durationMs / 1000).toFixed(1)} s</p>
    ${report.error === null ? '' : html`<p class="error">${report.error}</p>`}
    ${report.heldBatch === null ? '' : html`<p>To apply what is held: <code>approve --plan ${report.heldBatch}</code></p>`}
  </header>`;
}

function facts({ directory, requests }: RunReport): unknown {
  const numbers: [string, number][] = [
    ['entries read', directory.read],
    ['in scope', directory.inScope],
    ['invalid', directory.invalid],
    ['requests read', requests.read],
    ['requests write', requests.write],
    ['throttled', requests.throttled],
  ];
  return html`<dl class="facts">
      ${numbers.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${directory.complete ? '' : html`<p class="error">The directory was not read completely.</p>`}`;
}

function takeoverSection({ takeover }: RunDetails): unknown {
  const lines = takeover === null ? [] : takeoverLines(takeover);
  if (lines.length === 0) return '';
  return html`<section>
    <h2>Users who were there before</h2>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`;
}

function parkedSection(parked: readonly RunChange[]): unknown {
  if (parked.length === 0) return '';
  const rows = parked.slice(0, MOST_ROWS).map(
    ({ kind, userName, dn, message, correlationId }) =>
      html`<tr>
        <td>${kind}</td>
        <td>${userName}<br /><small>${dn}</small></td>
        <td>
          ${message ?? ''}${correlationId === null ? '' : html`<br /><small>correlation id ${correlationId}</small>`}
        </td>
      </tr>`,
  );
  return html`<section>
    <h2>Parked: what to do</h2>
    <table>
      <thead>
        <tr>
          <th>change</th>
          <th>who</th>
          <th>cause and remedy</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${cut(parked.length)}
  </section>`;
}

function changesSection({ changes, report }: RunDetails): unknown {
  if (changes.length === 0) return '';
  const rows = changes.slice(0, MOST_ROWS).map(
    (change) =>
      html`<tr>
        <td><span class="badge ${change.status}">${outcomeOf(change, report)}</span></td>
        <td>${change.kind}</td>
        <td>${change.userName}<br /><small>${change.dn}</small></td>
        <td>${valueList(change)}</td>
        <td>
          ${change.reason}${change.heldBecause === null ? '' : html`<br /><small>held: ${change.heldBecause}</small>`}
        </td>
      </tr>`,
  );
  return html`<section>
    <h2>Every change</h2>
    <table>
      <thead>
        <tr>
          <th>outcome</th>
          <th>change</th>
          <th>who</th>
          <th>before → after</th>
          <th>why</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${cut(changes.length)}
  </section>`;
}

function valueList({ before, after }: RunChange): unknown {
  const items = differences(before, after).map((one) => {
    const old = one.before === null ? '' : html`<del>${one.before}</del> → `;
    return html`<li><b>${one.name}</b> ${old}<ins>${one.after}</ins></li>`;
  });
  return html`<ul>
    ${items}
  </ul>`;
}

function notesSection({ notes, notesLeftOut }: RunDetails): unknown {
  if (notes.length === 0) return '';
  const row = ({ severity, dn, attribute, problem }: RunNote): unknown =>
    html`<tr>
      <td><span class="badge ${severity}">${severity}</span></td>
      <td>${dn}</td>
      <td>${shortPath(attribute)}</td>
      <td>${problem}</td>
    </tr>`;
  return html`<section>
    <h2>Notes on entries</h2>
    <table>
      <thead>
        <tr>
          <th></th>
          <th>entry</th>
          <th>attribute</th>
          <th>what was found</th>
        </tr>
      </thead>
      <tbody>
        ${notes.slice(0, MOST_ROWS).map(row)}
      </tbody>
    </table>
    ${notesLeftOut || notes.length > MOST_ROWS ? html`<p class="quiet">There are more notes than shown here.</p>` : ''}
  </section>`;
}

function cut(rows: number): unknown {
  return rows <= MOST_ROWS ? '' : html`<p class="quiet">The first ${MOST_ROWS} of ${rows}; report --csv has all.</p>`;
}
