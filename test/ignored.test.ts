import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { explain } from '../client/commands/explain.ts';
import { ignore, release } from '../client/commands/ignore.ts';
import { parked, type ShownParked } from '../client/commands/parked.ts';
import { report } from '../client/commands/report.ts';
import { status as showStatus, type Status } from '../client/commands/status.ts';
import type { Explanation } from '../client/explain/explanation.ts';
import type { RunDetails } from '../client/report/details.ts';
import type { IgnoredPerson, Released } from '../state/ignores.ts';
import { here } from './support/here.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { withState } from './support/traces.ts';
import { until } from './support/until.ts';

const ANN: Colleague = { login: 'ann', name: 'Ann Lee', title: 'Agent' };
const BEN: Colleague = { login: 'ben', name: 'Ben Ray', title: 'Agent' };
/** Without a mail address, so that no login can be made for him. */
const NIL: Colleague = { login: 'nil', name: 'Nil Mail' };
const REASON = 'HR corrects the entry, ticket 4711';

vi.setConfig({ testTimeout: 180_000 });

let staff: StaffDirectory;
let stage: Stage;
let unit: string;
const dn = (login: string): string => staff.dn(login, unit);

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Ignored');
  await staff.add(unit, [ANN, BEN, NIL]);
  await staff.change(dn('nil'), { mail: null });
  stage = await Stage.open({ directories: [staff.configuration([unit])] });
  expect(await stage.sync()).toMatchObject({ status: 3, json: { changes: { create: { applied: 2, parked: 1 } } } });
});

afterAll(async () => {
  await stage?.close();
  await staff?.stop();
});

/** What `ignore` printed; `ms`: as `--for` says it. */
async function leaveAlone(person: string, reason: string, ms?: number): Promise<IgnoredPerson> {
  const options = { reason, actor: 'ann', ...(ms === undefined ? {} : { for: ms }) };
  return (await here<IgnoredPerson>(stage, (common) => ignore({ ...common, ...options }, person))).json;
}

test('a run whose only trouble is ignored completes, and everything tells who is ignored and why', async () => {
  const said = await leaveAlone(dn('nil'), REASON, 12 * 3_600_000);
  expect(said).toMatchObject({ dn: dn('nil'), reason: REASON, actor: 'ann', parkedKind: 'create' });
  expect(Math.round((Date.parse(said.until) - Date.parse(said.at)) / 3_600_000)).toBe(12);

  const full = await stage.sync();
  expect(full).toMatchObject({
    ...{ status: 0, writes: [] },
    json: { outcome: 'completed', changes: { create: { planned: 0, parked: 0 } }, directory: { invalid: 1 } },
  });
  const details = await here<RunDetails>(stage, (common) => report(common, 'last'));
  expect(details.json.notes).toContainEqual(
    expect.objectContaining({ dn: dn('nil'), problem: expect.stringContaining(`by ann because: ${REASON}`) }),
  );
  expect(await stage.play('retry-failed', '--wait', '--json')).toMatchObject({
    ...{ status: 0, json: { mode: 'parked', outcome: 'completed', changes: { create: { planned: 0 } } } },
  });
  const { json: rows } = await here<ShownParked[]>(stage, parked);
  expect(rows).toMatchObject([{ anchor: said.anchor, attempts: 1, ignored: { until: said.until, reason: REASON } }]);
  const { json: status, status: exit } = await here<Status>(stage, showStatus);
  expect({ exit, parked: status.parked, ignored: status.ignored }).toEqual({ exit: 0, parked: 0, ignored: [said] });
  const shown = await stage.rollcall.run('explain', said.anchor);
  expect(shown.stdout).toContain(`Now ignored until ${said.until} because: ${REASON} (by ann)`);
});

test('a released person is taken by the very next delta', async () => {
  await staff.change(dn('nil'), { mail: 'nil@corp.example' });
  expect((await stage.sync('--mode', 'delta')).json).toMatchObject({ outcome: 'completed', requests: { write: 0 } });
  const released = await here<Released>(stage, (common) =>
    release({ ...common, actor: 'bob', reason: 'done' }, dn('nil')),
  );
  expect(released).toMatchObject({ status: 0, json: { ignoreEnded: true, due: 'create' } });
  expect((await stage.sync('--mode', 'delta')).json).toMatchObject({ changes: { create: { applied: 1 } } });
  const { json } = await here<Explanation>(stage, (common) => explain(common, 'nil@corp.example'));
  expect(json).toMatchObject({
    ignored: null,
    parked: null,
    decisions: [
      { action: 'ignore', actor: 'ann', reason: REASON },
      { action: 'release', actor: 'bob', reason: 'done', until: null },
    ],
  });
  const nothing = await stage.rollcall.run('release', 'nil@corp.example');
  expect(nothing).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to release') });
});

test('who never failed can be ignored too, but leaves when he has to', async () => {
  await leaveAlone('ann@corp.example', 'renamed by hand for a while');
  await leaveAlone('ben@corp.example', 'the same');
  for (const login of ['ann', 'ben']) await staff.change(dn(login), { title: 'Lead' });
  expect(await stage.sync('--mode', 'delta')).toMatchObject({ status: 0, writes: [], json: { unchanged: 3 } });
  await staff.setEnabled(dn('ann'), false);
  await staff.remove(dn('ben'));
  const left = await stage.sync('--mode', 'delta');
  expect(left.json).toMatchObject({ outcome: 'completed', changes: { deactivate: { applied: 2 } } });
  expect(stage.user('ann')).toMatchObject({ state: 'inactive', title: 'Agent' });

  await staff.setEnabled(dn('ann'), true);
  expect((await stage.sync('--mode', 'delta')).json.changes.reactivate.planned).toBe(0);
});

test('an ignore that is over ends by itself, and the next delta makes up for it', async () => {
  await leaveAlone('ann@corp.example', 'a moment longer', 1_000);
  await withState(stage.rollcall, (state) =>
    until('nobody but Ben is ignored', async () => (await state.ignores.list(stage.rollcall.sync)).length === 1),
  );
  expect((await stage.sync('--mode', 'delta')).json.changes.reactivate.applied).toBe(1);
  expect(stage.user('ann')).toMatchObject({ state: 'active', title: 'Lead' });
});

test('an ignore needs a known person, a reason and an end to come', async () => {
  const refusals: [number, RegExp, string[]][] = [
    [2, /reason/, ['ann@corp.example']],
    [2, /reason/, ['ann@corp.example', '--reason', ' ']],
    [2, /cannot be used with/, ['ann@corp.example', '--reason', 'x', '--until', '2999-01-01', '--for', '1d']],
    [1, /knows nobody/, ['nobody@corp.example', '--reason', 'x']],
  ];
  for (const [status, sentence, args] of refusals) {
    const refused = await stage.rollcall.run('ignore', ...args);
    expect({ args, status: refused.status, stdout: refused.stdout }).toEqual({ args, status, stdout: '' });
    expect(refused.stderr).toMatch(sentence);
  }
});
