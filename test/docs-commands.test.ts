import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { page, pages, section, tableRows, typedCommands } from './support/pages.ts';

const ROOT = join(import.meta.dirname, '..');
const COMMANDS = pages().flatMap(({ path, text }) => typedCommands({ text }).map((typed) => ({ path, typed })));

let usages: Map<string, Usage>;

beforeAll(async () => {
  const asked = COMMANDS.flatMap(({ typed: [first = '', second = '-'] }) =>
    second.startsWith('-') ? [[first]] : [[first], [first, second]],
  );
  usages = await readUsages([[], ...asked]);
}, 120_000);

test('every command that a page tells to type exists, with each of its options', () => {
  const wrong = COMMANDS.flatMap(({ path, typed }) => {
    const fault = faultOf(typed, usages);
    return fault === null ? [] : [`${path}: ${typed.join(' ')}: ${fault}`];
  });
  expect(wrong).toEqual([]);
  expect(COMMANDS.length).toBeGreaterThan(10);
});

test('a command or an option that does not exist is noticed', () => {
  expect(faultOf(['start-sinc'], usages)).toContain('no command start-sinc');
  expect(faultOf(['start-sync', '--dryrun'], usages)).toContain('no option --dryrun');
  expect(faultOf(['start-sync', 'corp'], usages)).toContain('fewer arguments');
});

test('the README lists every command, and no other', () => {
  const listed = tableRows(section(page('README.md'), 'Commands')).map(([first = '']) => first.split(' ')[0] ?? '');
  const named = listed.filter((name) => /^[a-z-]+$/.test(name) && !/^-+$/.test(name) && name !== 'command');
  const known = [...(usages.get('')?.commands ?? [])].filter((name) => name !== 'help');
  expect([...new Set(named)].sort()).toEqual(known.sort());
});

interface Usage {
  commands: Set<string>;
  /** Options by name; the value says whether one takes a value. */
  options: Map<string, boolean>;
  positionals: number;
}

/** Prints the help of each command line as one JSON list: a process for each would take a loaded machine minutes. */
const HELPS = `
  const [main, asked] = process.argv.slice(2);
  const texts = [];
  const write = process.stdout.write;
  for (const [index, path] of JSON.parse(asked).entries()) {
    texts[index] = '';
    process.argv = ['node', 'rollcall', ...path, '--help'];
    process.stdout.write = (text) => void (texts[index] += text);
    await import(main + '?' + index);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.stdout.write = write;
  process.exitCode = 0;
  console.log(JSON.stringify(texts));
`;

async function readUsages(paths: string[][]): Promise<Map<string, Usage>> {
  const unique = [...new Map(paths.map((path) => [path.join(' '), path])).values()];
  const main = pathToFileURL(join(ROOT, 'client/main.ts')).href;
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-helps-'));
  const script = join(folder, 'helps.mjs');
  writeFileSync(script, HELPS);
  const args = ['--import', 'tsx', script, main, JSON.stringify(unique)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT }).finally(() =>
    rmSync(folder, { recursive: true, force: true }),
  );
  const helps = JSON.parse(stdout) as string[];
  return new Map(unique.map((path, index) => [path.join(' '), usageOf(helps[index] ?? '')]));
}

function usageOf(help: string): Usage {
  const part = (title: string): string => help.split(`\n${title}:\n`)[1]?.split(/\n\n/)[0] ?? '';
  const usage = /^Usage: (.*)$/m.exec(help)?.[1] ?? '';
  const words = usage.match(/<\w[^>]*>|\[\w[^\]]*\]/g) ?? [];
  return {
    commands: new Set([...part('Commands').matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name = '']) => name)),
    options: new Map([...part('Options').matchAll(/(--[\w-]+)( <)?/g)].map(([, n = '', v]) => [n, v !== undefined])),
    positionals: words.filter((word) => !/options|command/.test(word)).length,
  };
}

function faultOf(typed: string[], usages: Map<string, Usage>): string | null {
  let [path, rest] = [[] as string[], typed];
  let usage = usages.get('');
  while (usage !== undefined && usage.commands.size > 0) {
    const [next = '', ...after] = rest;
    if (!usage.commands.has(next)) return `there is no command ${[...path, next].join(' ')}`;
    [path, rest] = [[...path, next], after];
    usage = usages.get(path.join(' '));
  }
  if (usage === undefined) return 'its help was not read';
  let positionals = 0;
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (!word.startsWith('--')) positionals += 1;
    else if (!usage.options.has(word)) return `there is no option ${word}`;
    else if (usage.options.get(word) === true) index += 1;
  }
  return positionals > usage.positionals ? 'it takes fewer arguments' : null;
}
