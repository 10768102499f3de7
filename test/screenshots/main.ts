/**
 * `npm run screenshots`: makes the pictures of the Web UI in `docs/images/` anew, from real runs on the demo's made-up
 * company. They are for people to look at: nothing compares them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { COMPANY, companyLdif, dnOf, PEOPLE, personNamed } from '../../demo/company.ts';
import { carryOut } from '../../demo/directory-changes.ts';
import type { RunReport } from '../../model/run.ts';
import { runWorkflowId, sliceWorkflowId } from '../../workflows/ids.ts';
import { openBrowser, temporalWebUi, WebUi } from '../support/browser.ts';
import { slapdDirectory } from '../support/configuration.ts';
import { setUp } from '../support/set-up.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { Stage } from '../support/stage.ts';
import { connectTemporal } from '../support/temporal.ts';

const FOLDER = join(import.meta.dirname, '../../docs/images');
const SYNC = 'corp';
/** Slow enough for the waves to be seen apart. */
const REQUESTS_PER_MINUTE = 600;
/** What the page advises to show. */
const COLUMNS = ['Status', 'SyncMode', 'SyncOutcome', 'ParkedCount', 'HeldCount', 'Workflow ID', 'Start'];

interface Story {
  approved: RunReport;
}

async function play(stage: Stage, slapd: Slapd): Promise<Story> {
  const held = (await stage.sync()).json;
  if (held.heldBatch === null) throw new Error(`nothing is held: ${held.error ?? held.outcome}`);
  const approved = (
    await stage.play<RunReport>('approve', '--plan', held.heldBatch, '--wait', '--json', '--actor', 'ann')
  ).json;
  await slapd.asAdmin(async (client) => {
    const set = (name: string, values: Record<string, string>) =>
      carryOut(client, { do: 'set', dn: dnOf(personNamed(name)), values });
    await set('Noor van Dijk', { title: 'Senior Support Engineer' });
    await set('Liam Murphy', { title: 'Team Lead' });
    await carryOut(client, { do: 'delete', dn: dnOf(personNamed('Piotr Zieliński')) });
  });
  const noor = personNamed('Noor van Dijk').mail ?? '';
  await stage.play('provision-user', noor, '--wait', '--json');
  await stage.sync('--mode', 'delta');
  await stage.sync('--dry-run');
  return { approved };
}

/** Temporal's own run id of the execution that carries one of Rollcall's, or of the newest with that workflow id. */
async function temporalRunId(workflowId: string, runId?: string): Promise<string> {
  const temporal = await connectTemporal();
  try {
    const query = `WorkflowId = "${workflowId}"${runId === undefined ? '' : ` AND SyncRunId = "${runId}"`}`;
    for await (const { runId: found } of temporal.client.workflow.list({ query })) return found;
    throw new Error(`Temporal has no workflow ${workflowId}.`);
  } finally {
    await temporal.close();
  }
}

async function shoot({ approved: { runId } }: Story): Promise<void> {
  const browser = await openBrowser();
  const shot = (ui: WebUi, name: string) => ui.page.screenshot({ path: join(FOLDER, `web-ui-${name}.png`) });
  try {
    const list = await WebUi.open(browser, temporalWebUi(), { width: 1280, height: 640 });
    await list.showColumns(COLUMNS);
    await list.list();
    await list.page.getByRole('button', { name: 'Collapse saved views' }).click();
    await list.query(`SyncName = "${SYNC}"`);
    await list.settled('approved');
    await shot(list, 'runs');

    const run = await WebUi.open(browser, temporalWebUi(), { width: 1280, height: 780 });
    await run.workflow(runWorkflowId(SYNC), await temporalRunId(runWorkflowId(SYNC), runId), 'user-metadata');
    await run.settled('rollcall report');
    await shot(run, 'run');

    const slice = await WebUi.open(browser, temporalWebUi(), { width: 1280, height: 740 });
    const sliceId = sliceWorkflowId(SYNC, runId, SLICE);
    await slice.workflow(sliceId, await temporalRunId(sliceId), 'timeline');
    await slice.settled('create ');
    await slice.page.mouse.move(700, 600);
    await slice.page.mouse.wheel(0, 900);
    await slice.settled('create ');
    await shot(slice, 'slice');
  } finally {
    await browser.close();
  }
}

/** Of the approved run: the team leads, few enough for one picture. */
const SLICE = 3;

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const stop = await setUp();
  const slapd = await startSlapd({ ldif: companyLdif() });
  const stage = await Stage.open({
    directories: [slapdDirectory(slapd, { bases: [PEOPLE] })],
    target: { requestsPerMinute: REQUESTS_PER_MINUTE },
    configuration: { name: SYNC, safety: { firstRun: 'hold' } },
  });
  try {
    await shoot(await play(stage, slapd));
    process.stdout.write(`Pictures of ${COMPANY.length} made-up people are in ${FOLDER}.\n`);
  } finally {
    await stage.close();
    await slapd.stop();
    await stop();
  }
}

await main();
