import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** Escape, which begins every colour and every rewritten line. */
const ESCAPE = String.fromCharCode(27);
const TIMEOUT_MS = 180_000;

/** The temporary folder of the demo and, by their environment, of every process that it starts. */
let folder: string;
let child: ReturnType<typeof startDemo>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-test-'));
});

afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

test(
  'the demo tells its story to the end in a pipe, and leaves nothing behind',
  async () => {
    child = startDemo();
    const { stdout, stderr } = outputOf(child);
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status, `${stdout()}\n${stderr()}`).toBe(0);
    for (const sentence of STORY) expect(stdout()).toContain(sentence);
    expect(stdout()).toMatch(
      /http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/rollcall%3Ademo-\w+\/[\w-]+\/history/,
    );
    expect(stdout()).not.toContain(ESCAPE);
    expect(await leftBehind()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a demo that is interrupted ends what it has started, and says so by its exit status',
  async () => {
    child = startDemo();
    const { stdout } = outputOf(child);
    await expect.poll(stdout, { timeout: TIMEOUT_MS, interval: 50 }).toContain('starting a Rollcall worker');
    expect(await leftBehind()).not.toEqual([]);
    child.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status).toBe(143);
    expect(await leftBehind()).toEqual([]);
  },
  TIMEOUT_MS,
);

const STORY = [
  '60 people',
  '$ npm run client -- start-sync --wait',
  'create  60       0        3       57    0',
  'Exit status 4, "held"',
  'create  57       57       0       0     0',
  'userName: is empty',
  'give one of the two another login there',
  'cn: Zoë Müller -> Zoë Brandt',
  '$ npm run client -- schedule apply',
  'deactivate  2        2        0       0     0',
  'userName        zoe.mueller@corp.example -> zoe.brandt@corp.example',
  'manager         Søren Ångström -> Giulia Conti',
  'why             new in corp-ldap',
  'why             gone from corp-ldap',
  'why             disabled in corp-ldap: pwdAccountLockedTime says locked for good',
  'Inés Núñez is active there',
  'Nobody was deleted',
  'pwdAccountLockedTime: 000001010000Z -> (none)',
  'what            reactivate baerbel.koehler@corp.example',
  'found nothing to do: they sent Genesys Cloud no request at all',
  '$ npm run client -- explain baerbel.koehler@corp.example',
  'report.html',
  'everything went as told',
];

/** The demo as `npm run demo` starts it, but with a Temporal server of its own and the workflows bundled already. */
function startDemo() {
  const { TEMPORAL_ADDRESS: _, ROLLCALL_TEST_BUNDLE: bundle, ...others } = process.env;
  const env = { ...others, TMPDIR: folder, ...(bundle === undefined ? {} : { ROLLCALL_WORKFLOW_BUNDLE: bundle }) };
  const command = [join(ROOT, 'tools/bootstrap.mjs'), 'demo'];
  return spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function outputOf(demo: ReturnType<typeof startDemo>): { stdout: () => string; stderr: () => string } {
  const [stdout, stderr] = [demo.stdout, demo.stderr].map((stream) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    return () => text;
  });
  return { stdout: stdout!, stderr: stderr! };
}

/** Processes that run with the demo's temporary folder, and what is left in it except tsx's cache. */
async function leftBehind(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process that ends while it is looked at has no environment any more.
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  const processes = pids.filter((_, index) => environments[index]?.includes(folder));
  const files = (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
  return [...processes.map((pid) => `process ${pid}`), ...files];
}
