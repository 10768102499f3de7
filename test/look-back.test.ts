import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Status } from '../client/commands/status.ts';
import { explainPerson, type Explanation } from '../client/explain/explanation.ts';
import type { RunDetails } from '../client/report/details.ts';
import { withSession } from '../client/session.ts';
import type { AuditRow } from '../state/state.ts';
import { slapdDirectory } from './support/configuration.ts';
import { ldifEntry } from './support/ldif.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';
import { Stage } from './support/stage.ts';

const AGENTS = 'ou=Agents,dc=corp,dc=example';
const OTHERS = 'ou=Others,dc=corp,dc=example';
const SCRIPT = '<script>alert("x")</script>';
const ANN = `uid=ann,${AGENTS}`;

const person = (uid: string, more: Record<string, string> = {}, unit = AGENTS): string =>
  ldifEntry(`uid=${uid},${unit}`, {
    ...{ objectClass: 'inetOrgPerson', uid, cn: `Person ${uid}`, sn: uid, mail: `${uid}@corp.example` },
    ...more,
  });

const PEOPLE = [
  person('ann', { title: 'Agent', manager: `uid=bob,${AGENTS}` }),
  person('bob', { cn: SCRIPT }),
  person('nomail', { mail: 'no-address' }),
  person('robot', { employeeType: 'robot' }),
  person('svc-backup'),
  person('dan', { employeeType: 'left' }),
  person('olga', {}, OTHERS),
];

describe('looking back', () => {
  let slapd: Slapd;
  let stage: Stage;
  let firstRun: string;

  beforeAll(async () => {
    // `explain` below runs in this process.
    vi.stubEnv('TEMPORAL_ADDRESS', process.env['ROLLCALL_TEST_TEMPORAL_ADDRESS']);
    slapd = await startSlapd({ ldif: PEOPLE.join('\n') });
    const scope = { filter: '(!(employeeType=robot))', exclude: ['uid=svc-*'] };
    const disabledWhen = { attribute: 'employeeType', equals: ['left'] };
    stage = await Stage.open({
      directories: [slapdDirectory(slapd, { ...scope, disabledWhen })],
      configuration: { leavers: { gone: 'hold' } },
    });
  });

  afterAll(async () => {
    await stage?.close();
    await slapd?.stop();
    vi.unstubAllEnvs();
  });

  const text = (...args: string[]) => stage.rollcall.run(...args);
  /** What `explain --json` prints, without a process of its own. */
  const explain = (who: string): Promise<Explanation> =>
    withSession({ config: stage.rollcall.configFile }, (session) => explainPerson(session, who));
  const live = ({ directories }: Explanation) => directories[0]?.entry ?? null;

  test('the status after a run with a parked change is 3, after one that held something 4', async () => {
    const first = await stage.sync();
    firstRun = first.json.runId;
    expect(first.json).toMatchObject({ outcome: 'parked', changes: { create: { applied: 2, parked: 1 } } });
    const parked = await text('status');
    expect(parked.status).toBe(3);
    expect(parked.stdout).toContain('parked: 1; see `parked`');

    const modification = new Attribute({ type: 'title', values: ['Lead'] });
    await slapd.asAdmin((client) => client.modify(ANN, new Change({ operation: 'replace', modification })));
    await slapd.asAdmin((client) => client.del(`uid=bob,${AGENTS}`));
    const { json } = await stage.sync('--actor', 'alice');
    expect(json).toMatchObject({ outcome: 'held', changes: { update: { applied: 1 }, deactivate: { held: 1 } } });

    const { status, json: found } = await stage.play<Status>('status', '--json');
    expect(status).toBe(4);
    expect(found).toMatchObject({
      workers: [{ pid: expect.any(Number) }],
      running: null,
      lastRun: { runId: json.runId, outcome: 'held' },
      lastFull: { runId: json.runId },
      lastDelta: null,
      heldBatches: [{ hash: json.heldBatch, size: 1, dryRun: false }],
      links: { active: 2, total: 2 },
    });
    expect(found.lagMs).toBeGreaterThanOrEqual(0);
  });

  test('changes tell who, what, why, by whom and under which correlation id', async () => {
    const { json, stderr } = await stage.play<AuditRow[]>('changes', '--limit', '2', '--json');
    expect(json.map(({ kind }) => kind)).toEqual(['update', 'create']);
    expect(stderr).toContain('Only the newest 2');
    expect(json[0]).toMatchObject({
      ...{ userName: 'ann@corp.example', actor: 'alice', before: { title: 'Agent' }, after: { title: 'Lead' } },
      ...{ request: { method: 'PATCH' }, correlationId: expect.stringMatching(/./) },
    });
    const { stdout } = await text('changes', '--person', ANN.toUpperCase(), '--kind', 'update', '--since', '1h');
    expect(stdout).toContain('title: Agent -> Lead');
    expect(stdout.match(/corp\.example/g)).toHaveLength(1);
    expect(await text('changes', '--person', 'nobody@corp.example')).toMatchObject({ status: 1, stdout: '' });
  });

  test('a report names every change, on the terminal, as JSON, as CSV and as a page', async () => {
    const { json } = await stage.play<RunDetails>('report', firstRun.slice(0, 13), '--json');
    expect(json.report.runId).toBe(firstRun);
    expect(json.changes.map(({ status }) => status)).toEqual(['applied', 'applied', 'parked']);
    expect(json.notes[0]).toMatchObject({ severity: 'problem', dn: `uid=nomail,${AGENTS}`, attribute: 'userName' });
    const told = await text('report', 'last');
    expect(told.stdout).toMatch(/applied update ann@corp\.example[^]*title: Agent -> Lead[^]*held deactivate bob/);

    const csv = await text('report', firstRun, '--csv');
    expect(csv.stdout.split('\r\n')).toHaveLength(5);
    expect(csv.stdout).toContain('"<script>alert(""x"")</script>"');
    const page = join(stage.rollcall.folder, 'report.html');
    const file = join(stage.rollcall.folder, 'report.csv');
    expect(await text('report', firstRun, '--html', page, '--csv', file)).toMatchObject({ status: 0, stdout: '' });
    expect(await readFile(file, 'utf8')).toBe(csv.stdout);
    const html = await readFile(page, 'utf8');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script');
  });

  test('somebody linked is explained under each of his names', async () => {
    const ann = await explain('ann@corp.example');
    expect(ann).toMatchObject({
      person: { userName: 'ann@corp.example', dn: ANN },
      others: [],
      link: { active: true, written: { title: 'Lead' } },
      changes: [{ kind: 'create' }, { kind: 'update', actor: 'alice', request: { method: 'PATCH' } }],
      parked: null,
      held: [],
    });
    expect(ann.changes[1]?.request?.path).toBe(`/api/v2/scim/v2/users/${ann.link?.genesysId}`);
    expect(live(ann)).toMatchObject({
      ...{ withinBases: [AGENTS], isPerson: true, matchesFilter: true, excludedBy: [], inScope: true },
      ...{ entry: { enabled: true }, mapped: { desired: { userName: 'ann@corp.example' }, problems: [] } },
    });
    for (const name of [ann.person.anchor, ann.link?.genesysId ?? '', ANN]) {
      expect((await explain(name)).person.anchor).toBe(ann.person.anchor);
    }
    const { stdout } = await text('explain', ann.person.anchor);
    expect(stdout).toMatch(/in scope and active[^]*title: Agent -> Lead/);
  });

  test('somebody who was never created is explained too: out of scope, excluded, disabled, parked', async () => {
    expect(live(await explain('olga@corp.example'))).toMatchObject({ withinBases: [], inScope: false });
    expect(live(await explain('robot'))).toMatchObject({ matchesFilter: false, inScope: false });
    expect(live(await explain('svc-backup'))).toMatchObject({ excludedBy: ['uid=svc-*'], inScope: false });
    const dan = await explain(`uid=dan, ${AGENTS}`);
    expect(live(dan)).toMatchObject({
      inScope: true,
      entry: { enabled: false, disabledBecause: 'employeeType is left' },
    });
    expect(dan).toMatchObject({ link: null, changes: [] });
    const nomail = await explain('nomail');
    expect(nomail).toMatchObject({ link: null, parked: { code: 'identity.invalid-entry' } });
    expect(nomail.lastMapped?.notes).toMatchObject([{ attribute: 'userName' }]);
    expect(live(nomail)?.mapped.problems).toMatchObject([{ attribute: 'userName' }]);
  });

  test('somebody gone is explained with the batch that holds him; somebody unknown is refused', async () => {
    const { json: bob } = await stage.play<Explanation>('explain', 'bob@corp.example', '--json');
    expect(bob).toMatchObject({ link: { active: true }, held: [{ kind: 'deactivate' }] });
    expect(bob.directories).toEqual([{ directory: 'corp-ldap', error: null, entry: null }]);
    const unknown = await text('explain', 'nobody@corp.example', '--json');
    expect(unknown).toMatchObject({ status: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/knows nobody by that login, mail, DN or anchor/);
  });

  test('without directory and worker state still tells what it knows', async () => {
    await stage.rollcall.stopWorkers();
    await slapd.kill();
    const ann = await explain('ann@corp.example');
    expect(ann).toMatchObject({ link: { active: true }, changes: [{ kind: 'create' }, { kind: 'update' }] });
    expect(ann.directories[0]?.error).toMatch(/^Directory corp-ldap \(.*\): .*\.$/);
    expect(await stage.play<Status>('status', '--json')).toMatchObject({ status: 1, json: { workers: [] } });
  });
});
