import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../tools/run-command.ts';

const ROOT = join(import.meta.dirname, '..');

/** The arrows as the design has them, written out apart from the rules: every other pair of rooms must be refused. */
const ARROWS: Record<string, string> = {
  model: '',
  directory: 'model',
  mapping: 'model',
  planning: 'model',
  genesys: 'model',
  state: 'model',
  temporal: 'model',
  telemetry: 'model',
  simulator: 'model',
  workflows: 'model',
  config: 'model mapping',
  activities: 'model directory genesys state mapping planning',
  worker: 'model temporal telemetry config state workflows activities genesys',
  client: 'model temporal telemetry config state workflows',
  tools: 'model',
  demo: 'model tools simulator test/support',
  test: 'model directory mapping planning genesys state temporal telemetry simulator workflows config activities worker client tools demo test/support',
};

/** Single files, with the rule that refuses them; null: allowed. */
const FILES: [path: string, text: string, rule: string | null][] = [
  ['workflows/types.ts', "import type { x } from '../activities/index.ts';\nexport type Y = typeof x;", null],
  ['workflows/clock.ts', "import 'node:timers';", 'workflows-are-deterministic'],
  ['workflows/packages.ts', "import 'zod';", 'workflows-are-deterministic'],
  ['workflows/sdk.ts', "import '@temporalio/workflow';", null],
  ['client/check.ts', "import '../directory/index.ts';\nimport '../genesys/index.ts';", null],
  ['client/commands/check.ts', "import '../../mapping/index.ts';", null],
  ['client/check-state.ts', "import '../activities/index.ts';", 'arrows-of-check'],
  ['client/commands/explain.ts', "import '../../directory/index.ts';\nimport '../../mapping/index.ts';", null],
  ['client/explain/entry.ts', "import '../../directory/index.ts';\nimport '../../mapping/index.ts';", null],
  ['client/explain/genesys.ts', "import '../../genesys/index.ts';", 'arrows-of-explain'],
  ['client/report/page.ts', "import '../../directory/index.ts';", 'arrows-of-client'],
  ['mapping/disk.ts', "import 'node:fs';", 'mapping-without-node'],
  ['mapping/old-disk.ts', "import 'fs';", 'mapping-without-node'],
  ['mapping/phone.ts', "import 'libphonenumber-js';", null],
  ['planning/network.ts', "import 'undici';", 'planning-packages'],
  ['model/package.ts', "import 'zod';", 'model-imports-nothing'],
  ['model/disk.ts', "import type { Stats } from 'node:fs';\nexport type S = Stats;", 'model-imports-nothing'],
  ['state/one.ts', "import './two.ts';", 'no-cycles'],
  // A cycle is reported once, at the file the search met first.
  ['state/two.ts', "import './one.ts';", null],
  ['state/three.ts', "import type { b } from './four.ts';\nexport const a = 1;\nexport type A = typeof b;", null],
  ['state/four.ts', "import { a } from './three.ts';\nexport const b = a;", null],
  ['state/gone.ts', "import './nowhere.ts';", 'resolvable'],
  ['state/tools.ts', "import 'fast-check';", 'product-without-development-packages'],
  [
    'state/state.test.ts',
    "import 'fast-check';\nimport '../test/support/index.ts';\nimport '../simulator/index.ts';",
    null,
  ],
  ['state/other.test.ts', "import '../genesys/index.ts';", 'arrows-of-tests-in-state'],
  ['helpers/new.ts', "import '../model/index.ts';", 'known-rooms'],
];

let folder: string;
let refused: Map<string, Set<string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-arrows-'));
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    await cp(join(ROOT, name), join(folder, name));
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const room of [...Object.keys(ARROWS), 'test/support']) await put(`${room}/index.ts`, 'export const x = 1;');
  for (const [from, to] of pairs())
    await put(pairFile(from, to), `import '${'../'.repeat(depth(from))}${to}/index.ts';`);
  for (const [path, text] of FILES) await put(path, text);
  refused = await cruise();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(Object.keys(ARROWS))('%s may import exactly the rooms that the design gives it', (room) => {
  const allowed = pairs()
    .filter(([from, to]) => from === room && !refused.has(pairFile(from, to)))
    .map(([, to]) => to);
  expect(new Set(allowed)).toEqual(new Set(ARROWS[room]?.split(' ').filter((name) => name !== '')));
});

test.each(FILES)('%s is judged by its own rule', (path, _text, rule) => {
  expect([...(refused.get(path) ?? [])]).toEqual(rule === null ? [] : [rule]);
});

/** Every room with every other. */
function pairs(): [from: string, to: string][] {
  const targets = [...Object.keys(ARROWS).filter((room) => room !== 'test'), 'test/support'];
  return Object.keys(ARROWS).flatMap((from) =>
    targets.filter((to) => to !== from).map((to): [string, string] => [from, to]),
  );
}

const pairFile = (from: string, to: string) => `${from}/to-${to.replace('/', '-')}.ts`;
const depth = (path: string) => path.split('/').length;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), `${text}\n`);
}

/** The names of the rules that each file breaks. */
async function cruise(): Promise<Map<string, Set<string>>> {
  const report = join(folder, 'report.json');
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--output-to', report, '.'];
  const { output } = await runCommand(join(ROOT, 'node_modules/.bin/depcruise'), args, { cwd: folder });
  const { default: cruised } = (await import(report, { with: { type: 'json' } }).catch((error: unknown) => {
    throw new Error(`dependency-cruiser wrote no report: ${output}`, { cause: error });
  })) as { default: { summary: { violations: { from: string; rule: { name: string } }[] } } };
  const broken = new Map<string, Set<string>>();
  for (const { from, rule } of cruised.summary.violations) {
    broken.set(from, (broken.get(from) ?? new Set()).add(rule.name));
  }
  return broken;
}
