import Table from 'cli-table3';
import { pc } from './colours.ts';

/** Prints one line for people on stdout. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints beside the result: progress, warnings. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The one object of `--json`. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/**
 * Lets a command go on when whoever reads its output has left (`rollcall plan | head`): what it does and its exit
 * status stay right.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** A table with a bold head; plain lines, readable in a pipe too. */
export function table(head: string[], rows: string[][]): string {
  const grid = new Table({
    head: head.map((cell) => pc.bold(cell)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: Object.fromEntries(BORDERS.map((name) => [name, ''])),
  });
  grid.push(...rows);
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const;
