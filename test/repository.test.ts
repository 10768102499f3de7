import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** Larger ones are generated or belong elsewhere; lock files are what they are. */
const MAX_BYTES = 500_000;
const MAX_PICTURE_BYTES = 200_000;

/** What is committed or would be by `git add --all`, without files deleted since. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const PAGES = FILES.filter((path) => path.endsWith('.md'));

const size = (path: string) => statSync(join(ROOT, path)).size;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('nothing names a folder outside the project', () => {
  // Spelled in pieces, so that this file does not name them.
  const outside = new RegExp([`\\.\\./${'shared'}`, `/${'work'}/`, `/${'root'}/`, `/${'Users'}/`].join('|'));
  expect(FILES.filter((path) => outside.test(read(path)))).toEqual([]);
});

test('no binary and no huge file is committed, but for pictures', () => {
  const pictures = FILES.filter((path) => /^docs\/images\/[\w-]+\.png$/.test(path));
  const binary = FILES.filter((path) => !pictures.includes(path) && readFileSync(join(ROOT, path)).includes(0));
  const huge = FILES.filter((path) => size(path) > MAX_BYTES);
  expect({ binary, huge }).toEqual({ binary: [], huge: [] });
  expect(pictures.filter((path) => size(path) > MAX_PICTURE_BYTES)).toEqual([]);
});

test('every picture is shown in a page', () => {
  const shown = PAGES.map(read).join('\n');
  const pictures = FILES.filter((path) => path.startsWith('docs/images/'));
  expect(pictures.filter((path) => !shown.includes(path.replace('docs/', '')))).toEqual([]);
});

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = '']) => name),
  );
  expect(named).toContain('demo');
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('every script that package.json starts exists', () => {
  const { scripts, bin } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    bin: Record<string, string>;
  };
  const started = Object.values(scripts).flatMap((line) => line.match(/[\w/.-]+\.(?:[cm]?[jt]s|json)\b/g) ?? []);
  const built = Object.values(bin).map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));
  expect([...started, ...built].filter((path) => !FILES.includes(path))).toEqual([]);
});

test('every link of a page leads somewhere', () => {
  const broken = PAGES.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), decodeURIComponent(path)));
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return false;
  return heading === undefined || !target.endsWith('.md') || headings(target).includes(heading);
}

/** The anchors GitHub gives a page's headings. */
function headings(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}
