import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { approvalWorkflowId, runWorkflowId, sliceWorkflowId } from '../workflows/ids.ts';
import { openBrowser, temporalWebUi, WebUi } from './support/browser.ts';
import { page, section, tableRows } from './support/pages.ts';
import { Stage } from './support/stage.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';

/** The first time, Debian's browser has to be installed. */
const SET_UP_MS = 600_000;
const SHOWN = { timeout: 60_000, interval: 250 };
vi.setConfig({ testTimeout: 180_000 });

let staff: StaffDirectory;
let stage: Stage;
let temporal: TemporalClient;
let browser: Browser;
let ui: WebUi;
/** What the runs of the story are called here, by their run id. */
const called = new Map<string, string>();
let ran: { held: RunReport; approved: RunReport; dry: RunReport };

beforeAll(async () => {
  [temporal, browser, staff] = await Promise.all([connectTemporal(), openBrowser(), startOpenLdapStaff()]);
  ui = await WebUi.open(browser, temporalWebUi());
  const unit = await staff.unit('Staff');
  const shared = { more: { mail: `sam.reed@${MAIL_DOMAIN}` } };
  await staff.add(unit, [
    { login: 'ann.lee', name: 'Ann Lee' },
    { login: 'bob.frost', name: 'Bob Frost' },
    { login: 'sam.reed', name: 'Sam Reed', ...shared },
    { login: 'sam.reed2', name: 'Sam Reed', ...shared },
  ]);
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    configuration: { safety: { firstRun: 'hold' } },
  });
  ran = await play(unit);
}, SET_UP_MS);

afterAll(async () => {
  await browser?.close();
  await stage?.close();
  await Promise.all([temporal?.close(), staff?.stop()]);
});

/** A first run that is held and then approved, a run on one person, a dry run, a run whose directory is gone. */
async function play(unit: string): Promise<typeof ran> {
  const held = (await stage.sync()).json;
  const hash = held.heldBatch ?? '';
  const approved = (await stage.play<RunReport>('approve', '--plan', hash, '--wait', '--json')).json;
  for (const login of ['ann.lee', 'bob.frost']) await staff.change(staff.dn(login, unit), { title: 'Lead' });
  const person = (await stage.play<RunReport>('provision-user', `ann.lee@${MAIL_DOMAIN}`, '--wait', '--json')).json;
  const dry = (await stage.sync('--dry-run')).json;
  await staff.move(unit, await staff.unit('Elsewhere'));
  const failed = (await stage.sync()).json;
  for (const [name, report] of Object.entries({ held, approved, person, dry, failed })) called.set(report.runId, name);
  return { held, approved, dry };
}

interface Execution {
  workflowId: string;
  /** Temporal's own. */
  runId: string;
  /** Type, and which run of the story it is. */
  name: string;
}

async function executions(): Promise<Execution[]> {
  const found: Execution[] = [];
  const query = `WorkflowId STARTS_WITH "${runWorkflowId(stage.rollcall.sync)}"`;
  for await (const { workflowId, runId, type, memo } of temporal.client.workflow.list({ query })) {
    found.push({ workflowId, runId, name: [type, called.get(String(memo?.['runId']))].filter(Boolean).join(' ') });
  }
  return found;
}

async function execution(name: string, workflowId?: string): Promise<Execution> {
  const found = (await executions()).find(
    (one) => one.name === name && one.workflowId === (workflowId ?? one.workflowId),
  );
  if (found === undefined) throw new Error(`there is no workflow ${name}`);
  return found;
}

const SAVED_QUERIES: Record<string, string[]> = {
  'runs of one sync': ['syncRun approved', 'syncRun dry', 'syncRun failed', 'syncRun held'],
  'runs that failed': ['syncRun failed'],
  'runs with parked changes': ['syncRun dry', 'syncRun held'],
  'runs with held changes': ['syncRun held'],
  'runs that ended as held': ['syncRun held'],
  'runs on one person': ['provisionUser person'],
  'batches that wait': ['approval'],
  'everything of one run': ['applySlice', 'syncRun approved'],
};

test('the saved queries of the page, typed above the list, find what they promise', async () => {
  const rows = tableRows(section(page('docs/web-ui.md'), 'Saved queries')).slice(2);
  expect(rows.map(([view]) => view)).toEqual(Object.keys(SAVED_QUERIES));
  const { sync } = stage.rollcall;
  const names = new Map((await executions()).map(({ runId, name }) => [runId, name]));
  await ui.list();
  for (const [view = '', cell = ''] of rows) {
    const query = cell.replaceAll('`', '').replaceAll('corp', sync).replaceAll('RUN', ran.approved.runId);
    await ui.query(`(${query}) AND WorkflowId STARTS_WITH "${runWorkflowId(sync)}"`);
    const listed = async () => (await ui.listed()).map((runId) => names.get(runId) ?? runId).sort();
    await expect.poll(listed, { ...SHOWN, message: view }).toEqual(SAVED_QUERIES[view]);
  }
});

test("a finished run's page tells its outcome and its counts", async () => {
  const { workflowId, runId } = await execution('syncRun approved');
  await ui.workflow(workflowId, runId, 'timeline');
  await expect.poll(() => ui.text(), SHOWN).toMatch(/"outcome": "completed"[^]*create 2 users \(wave 0\)/);
  await ui.workflow(workflowId, runId, 'user-metadata');
  await expect.poll(() => ui.text(), SHOWN).toContain(`approved run of ${stage.rollcall.sync}`);
  await expect.poll(() => ui.text(), SHOWN).toMatch(/Done: completed[^]*2 of 2 changes applied\s+0 parked/);
});

test("a slice's timeline names people", async () => {
  const id = sliceWorkflowId(stage.rollcall.sync, ran.approved.runId, 1);
  const { workflowId, runId } = await execution('applySlice', id);
  await ui.workflow(workflowId, runId, 'timeline');
  for (const login of ['ann.lee', 'bob.frost']) {
    await expect.poll(() => ui.text(), SHOWN).toContain(`create ${login}@${MAIL_DOMAIN}`);
  }
});

test('an approval tells how to decide, and what was decided', async () => {
  const { sync } = stage.rollcall;
  const shown = async (batch: string | null): Promise<string> => {
    const { workflowId, runId } = await execution('approval', approvalWorkflowId(sync, batch ?? ''));
    await ui.workflow(workflowId, runId, 'user-metadata');
    return batch ?? '';
  };
  const open = await shown(ran.dry.heldBatch);
  await expect.poll(() => ui.text(), SHOWN).toMatch(`rollcall approve --plan ${open}`);
  await shown(ran.held.heldBatch);
  await expect.poll(() => ui.text(), SHOWN).toMatch(`run ${ran.approved.runId}`);
});
