import { html } from 'hono/html';
import { CHANGE_KINDS, type KindCounts } from '../../model/change.ts';
import type { RunReport } from '../../model/run.ts';

/** One piece of a bar, in the order they stand. `planned` is what is neither of the others: a dry run's, or not done yet. */
export const PIECES = ['applied', 'parked', 'held', 'superseded', 'planned'] as const;
type Piece = (typeof PIECES)[number];

const ROW = 30;
const LEFT = 96;
const WIDTH = 480;
const RIGHT = 64;

/** The counts of a run as bars, one a kind, in SVG; nothing where nothing was planned. */
export function countsChart({ changes }: Pick<RunReport, 'changes'>): unknown {
  const kinds = CHANGE_KINDS.filter((kind) => changes[kind].planned > 0);
  if (kinds.length === 0) return '';
  const most = Math.max(...kinds.map((kind) => changes[kind].planned));
  const height = kinds.length * ROW;
  return html`<svg
      class="chart"
      viewBox="0 0 ${LEFT + WIDTH + RIGHT} ${height}"
      role="img"
      aria-label="Changes by kind and outcome"
    >
      ${kinds.map((kind, row) => bar(kind, changes[kind], { row, most }))}
    </svg>
    <p class="legend">${PIECES.map((piece) => html`<span><i class="${piece}"></i>${piece}</span>`)}</p>`;
}

function bar(kind: string, counts: KindCounts, { row, most }: { row: number; most: number }): unknown {
  const top = row * ROW;
  let at = LEFT;
  const pieces = PIECES.map((piece) => {
    const count = countOf(counts, piece);
    const width = (count / most) * WIDTH;
    const x = at;
    at += width;
    return count === 0
      ? ''
      : html`<rect class="${piece}" x="${round(x)}" y="${top + 5}" width="${round(width)}" height="20">
          <title>${count} ${piece}</title>
        </rect>`;
  });
  return html`<text class="kind" x="${LEFT - 8}" y="${top + 20}" text-anchor="end">${kind}</text> ${pieces}<text
      x="${round(at + 8)}"
      y="${top + 20}"
      >${counts.planned}</text
    >`;
}

function countOf(counts: KindCounts, piece: Piece): number {
  if (piece !== 'planned') return counts[piece];
  return counts.planned - counts.applied - counts.parked - counts.held - counts.superseded;
}

/** A very thin piece still shows. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
