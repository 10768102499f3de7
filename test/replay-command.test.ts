import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../tools/run-command.ts';
import { builtProduct } from './support/build.ts';
import { HISTORIES } from './support/kept-histories.ts';
import { workflowBundlePath } from './support/temporal.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-replay-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function replay(...files: string[]): Promise<{ status: number | null; output: string }> {
  const env = { ...process.env, ROLLCALL_WORKFLOW_BUNDLE: workflowBundlePath() };
  return runCommand(process.execPath, [join(builtProduct(), 'worker/replay.js'), ...files], { env });
}

test('`replay` tells which histories the workflows follow, and which not', async () => {
  const kept = join(HISTORIES, 'applied.json');
  const altered = join(folder, 'altered.json');
  writeFileSync(altered, readFileSync(kept, 'utf8').replaceAll('"readDirectory"', '"readSomethingElse"'));
  const { status, output } = await replay(kept, altered);
  expect(status).toBe(1);
  const [first, second, ...rest] = output.trim().split('\n');
  expect(first).toMatch(/applied\.json: the workflows follow all \d+ events$/);
  expect(second).toMatch(/altered\.json: the workflows would do something else: .*readSomethingElse.*readDirectory/);
  expect(rest).toEqual([]);
});

test.each([
  ['nothing', [], 'Usage: npm run replay'],
  ['a file that is not there', ['missing.json'], 'cannot be read; make one with `temporal workflow show'],
  ['a file that is no history', [join(import.meta.dirname, '../package.json')], 'is no history of a workflow'],
])('`replay` of %s says what to give it', async (_, files, sentence) => {
  const { status, output } = await replay(...files);
  expect({ status, lines: output.trim().split('\n').length }).toEqual({ status: 2, lines: 1 });
  expect(output).toContain(sentence);
});
