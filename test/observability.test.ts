import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { CHANGE_KINDS } from '../model/change.ts';
import type { RunReport } from '../model/run.ts';
import { freePort } from '../tools/server-process.ts';
import { crowd } from './support/crowd.ts';
import { startCuttingProxy, type CuttingProxy } from './support/cutting-proxy.ts';
import { startOtlpReceiver, type OtlpReceiver } from './support/otlp-receiver.ts';
import { page, section, tableRows } from './support/pages.ts';
import { query, startPostgres } from './support/postgres.ts';
import type { WorkerProcess } from './support/rollcall.ts';
import { Stage } from './support/stage.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { temporalAddress } from './support/temporal.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PEOPLE = 6;
/** Says nothing of value in traces, logs or metrics. */
const PERSONAL = new RegExp(`${MAIL_DOMAIN}|Agent \\d|uid=agent|agent00\\d`, 'i');

let staff: StaffDirectory;
let collector: OtlpReceiver;
let toTemporal: CuttingProxy;
let databaseUrl: string;
let stage: Stage;
let worker: WorkerProcess;
let origin: string;
let report: RunReport;
const logs: string[] = [];

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  const unit = await staff.unit('Watched');
  await staff.add(unit, crowd(PEOPLE));
  // Somebody who cannot be made: without an address there is no login.
  await staff.asAdmin((client) =>
    client.add(`uid=nobody,${unit}`, { objectClass: 'inetOrgPerson', uid: 'nobody', cn: 'No Body', sn: 'Body' }),
  );
  collector = await startOtlpReceiver();
  toTemporal = await startCuttingProxy(Number(temporalAddress().split(':').at(-1)));
  databaseUrl = await (await startPostgres()).database();
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    configuration: {
      state: { url: databaseUrl },
      telemetry: { metrics: `127.0.0.1:${port}`, logLevel: 'debug' },
    },
    env: {
      TEMPORAL_ADDRESS: `127.0.0.1:${toTemporal.port}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  await stage.rollcall.stopWorkers();
  worker = await stage.rollcall.startWorker();
});

afterAll(async () => {
  await stage?.close();
  await Promise.all([toTemporal?.stop(), collector?.close(), staff?.stop()]);
});

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${origin}${path}`);
  return { status: response.status, text: await response.text() };
}

/** Values of the metrics page by name and labels, `sync` left out. */
async function scrape(): Promise<Map<string, number>> {
  const { text } = await get('/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = lines.map((line) => {
    const [, name = '', value = ''] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    return [name.replace(/,?sync="[^"]*"/, '').replace('{}', ''), Number(value.replace('Inf', 'Infinity'))] as const;
  });
  return new Map(samples);
}

/** Sum over all samples whose name and labels begin so. */
function total(samples: Map<string, number>, prefix: string): number {
  return [...samples].reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);
}

/** How the sync stands is read from state every 5 s at most. */
async function scrapeWhere(what: string, holds: (samples: Map<string, number>) => boolean) {
  let samples = new Map<string, number>();
  await until(what, async () => {
    samples = await scrape();
    return holds(samples);
  });
  return samples;
}

test('a worker that polls is alive and ready, and its lag is endless before the first read', async () => {
  await until('the worker polls', async () => (await get('/ready')).status === 200);
  expect(await get('/ready')).toEqual({ status: 200, text: 'ready\n' });
  expect(await get('/health')).toEqual({ status: 200, text: 'alive\n' });
  expect(await get('/secrets')).toMatchObject({ status: 404 });
  const samples = await scrape();
  expect(samples.get('rollcall_directory_lag_seconds')).toBe(Infinity);
  expect(samples.get('rollcall_parked_changes')).toBe(0);
});

test('after a run the metrics say what its report says', async () => {
  ({ json: report } = await stage.sync());
  expect(report).toMatchObject({ outcome: 'parked', changes: { create: { applied: PEOPLE, parked: 1 } } });
  const samples = await scrapeWhere('the parked change shows', (found) => found.get('rollcall_parked_changes') === 1);

  expect(samples.get('rollcall_directory_entries_read_total')).toBe(report.directory.read);
  for (const kind of CHANGE_KINDS) {
    for (const outcome of ['applied', 'parked', 'held', 'superseded'] as const) {
      const name = `rollcall_changes_total{kind="${kind}",outcome="${outcome}"}`;
      expect({ name, value: samples.get(name) }).toEqual({ name, value: report.changes[kind][outcome] });
    }
  }
  expect(samples.get('rollcall_user_writes_total{step="createUser",outcome="applied"}')).toBe(PEOPLE);
  expect(samples.get('rollcall_runs_total{mode="full",outcome="parked",dry_run="false"}')).toBe(1);
  const requests = 'rollcall_genesys_requests_total';
  for (const kind of ['token', 'read', 'write'] as const) {
    expect({ kind, count: total(samples, `${requests}{kind="${kind}"`) }).toEqual({
      kind,
      count: report.requests[kind],
    });
  }
  expect(samples.get(`${requests}{kind="write",status="201"}`)).toBe(PEOPLE);
  expect(samples.get('rollcall_genesys_request_duration_seconds_count{kind="write"}')).toBe(PEOPLE);
  expect(samples.get('rollcall_genesys_allowance_used_ratio')).toBeGreaterThan(0);
  expect(samples.get('rollcall_directory_lag_seconds')).toBeLessThan(120);
  expect(samples.get('rollcall_oldest_unsettled_change_seconds')).toBeGreaterThan(0);
  expect(total(samples, 'temporal_worker_task_slots_available')).toBeGreaterThan(0);
  expect((await get('/metrics')).text).not.toMatch(PERSONAL);
});

test('the run, its activities and their requests are one tree of spans without anything about a person', async () => {
  const traceId = report.runId.replaceAll('-', '');
  const ofRun = () => collector.spans().filter((span) => span.traceId === traceId);
  await until('the run and its last activity arrived', () =>
    ['syncRun', 'closeRun'].every((name) => ofRun().some((span) => span.name === name)),
  );
  const spans = ofRun();
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === null);
  expect(roots.map(({ name, attributes }) => [name, attributes['rollcall.outcome']])).toEqual([['syncRun', 'parked']]);

  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const posts = spans.filter(({ name }) => /^POST .*\/users$/i.test(name));
  expect(posts).toHaveLength(PEOPLE);
  for (const post of posts) {
    const write = byId.get(post.parentSpanId ?? '');
    expect([write?.name, write?.parentSpanId]).toEqual(['createUser', roots[0]?.spanId]);
    expect(post.attributes).toMatchObject({ 'http.response.status_code': 201 });
  }
  expect(spans.filter(({ parentSpanId }) => parentSpanId !== null && !byId.has(parentSpanId))).toEqual([]);
  expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['readDirectory', 'planChanges', 'guardPlan']));
  expect(collector.text()).not.toMatch(PERSONAL);
});

test('the documented metrics are those that are served, and the example alerts ask for no others', async () => {
  const served = new Set([...(await get('/metrics')).text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
  const rows = tableRows(section(page('docs/operations.md'), 'Metrics')).slice(2);
  const documented = rows.map(([name = '']) => name.replace(/\{.*$/, ''));
  expect(documented.filter((name) => name.startsWith('rollcall_')).sort()).toEqual(
    [...served].filter((name) => name.startsWith('rollcall_')).sort(),
  );
  expect(documented.filter((name) => !served.has(name))).toEqual([]);
  const file = readFileSync(join(import.meta.dirname, '../docs/prometheus-alerts.yml'), 'utf8');
  const { groups } = parse(file) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(4);
  const asked = rules.flatMap(({ expr }) => expr.match(/\b(?:rollcall|temporal)_\w+/g) ?? []);
  expect(asked.filter((name) => !served.has(name))).toEqual([]);
});

test('a worker started anew knows at once how the sync stands', async () => {
  logs.push(worker.log());
  await worker.stop();
  await expect(fetch(`${origin}/health`)).rejects.toThrow(/fetch failed/);
  worker = await stage.rollcall.startWorker();
  const samples = await scrape();
  expect(samples.get('rollcall_parked_changes')).toBe(1);
  expect(samples.get('rollcall_directory_lag_seconds')).toBeLessThan(600);
  expect(samples.get('rollcall_last_good_run_timestamp_seconds{mode="full"}')).toBeGreaterThan(1_700_000_000);
  expect(samples.get('rollcall_changes_total{kind="create",outcome="applied"}')).toBe(0);
});

test('a second worker at the same address ends with one sentence', async () => {
  const { status, stderr } = await stage.rollcall.runWorker();
  expect(status).toBe(2);
  expect(stderr.trim().split('\n').at(-1)).toMatch(
    /^The worker cannot listen on 127\.0\.0\.1, port \d+ \(EADDRINUSE\); /,
  );
});

test('without Temporal the worker is alive but not ready, and says why', async () => {
  toTemporal.cutAfter(1, () => undefined);
  await until('it is not ready', async () => (await get('/ready')).status === 503);
  expect((await get('/ready')).text).toMatch(/^Temporal .*[.]\n$/);
  expect((await get('/health')).status).toBe(200);
  toTemporal.mend();
  await until('it is ready again', async () => (await get('/ready')).status === 200);
});

test('without its state the worker is alive but not ready, and counts on', async () => {
  await query(process.env['ROLLCALL_TEST_POSTGRES_URL'] ?? '', `drop database ${nameOf(databaseUrl)} with (force)`);
  await until('it is not ready', async () => (await get('/ready')).status === 503);
  expect((await get('/ready')).text).toMatch(/state|database/i);
  expect((await get('/health')).status).toBe(200);
  const samples = await scrapeWhere('the page does without state', (found) =>
    Number.isNaN(found.get('rollcall_parked_changes')),
  );
  expect(samples.has('rollcall_directory_entries_read_total')).toBe(true);
});

test('the log of all that, at its most talkative, has neither secrets nor people', () => {
  const text = [...logs, worker.log()].join('\n');
  const { clientSecret } = stage.simulator;
  const secrets = [clientSecret, ...bindPasswords()];
  expect(text.length).toBeGreaterThan(200);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/Bearer (?!\[redacted)/);
  expect(text).not.toMatch(PERSONAL);
});

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function bindPasswords(): string[] {
  const { directories } = parse(readFileSync(stage.rollcall.configFile, 'utf8')) as {
    directories: { bindPassword: string }[];
  };
  return directories.map(({ bindPassword }) => bindPassword);
}
