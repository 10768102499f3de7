import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A page for readers, with its path from the project's root. */
export interface Page {
  path: string;
  text: string;
}

/** README.md and everything in docs/. */
export function pages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)].map((path) => ({ path, text: page(path) }));
}

export function page(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks whose opening line is exactly this, such as `yaml mapping`. */
export function blocks({ text }: Pick<Page, 'text'>, opening: string): string[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, info = '', body = '']) =>
    info.trim() === opening ? [body] : [],
  );
}

/** The part of a page below a heading of the second level; empty when there is none. */
export function section(text: string, title: string): string {
  return text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

/** The cells of every table row, first cell without its backticks; heads and rules left out by the caller's filter. */
export function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) =>
    row.split(/(?<!\\)\|/).map((cell, index) => (index === 0 ? cell.trim().replace(/^`(.*)`$/, '$1') : cell.trim())),
  );
}

/** The Rollcall commands that a page tells people to type, as words after `npm run client --` or `rollcall`. */
export function typedCommands({ text }: Pick<Page, 'text'>): string[][] {
  const joined = text.replace(/\\\n\s*/g, ' ');
  return [...joined.matchAll(/(?:npm run client --|exec worker rollcall) ([^`\n|]+)/g)]
    .map(([, line = '']) => words(line))
    .filter(([first = '<']) => !first.startsWith('<'));
}

function words(line: string): string[] {
  return [...line.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)].map(([word]) => word.replace(/^["']|["']$/g, ''));
}
