import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../model/run.ts';
import type { FaultEffect } from '../simulator/start.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { auditOf, postsByLogin, withState } from './support/traces.ts';

interface Fault {
  /** Stands for the person who meets it. */
  login: string;
  what: string;
  effect: FaultEffect;
  /** Requests that it takes to get through, without those refused for their token. */
  requests: number;
}

const FAULTS: Fault[] = [
  { login: 'gus', what: '504 after the commit', effect: status(504, 'after'), requests: 1 },
  { login: 'ida', what: '500 before the commit', effect: status(500), requests: 2 },
  { login: 'jan', what: '503 after the commit', effect: status(503, 'after'), requests: 1 },
  { login: 'kim', what: 'connection cut after the commit', effect: { kind: 'reset', when: 'after' }, requests: 1 },
  { login: 'leo', what: 'connection cut before the commit', effect: { kind: 'reset' }, requests: 2 },
  { login: 'mia', what: 'no answer after the commit', effect: { kind: 'hang', when: 'after' }, requests: 1 },
  { login: 'ned', what: 'no answer, carried out in 14 s', effect: { kind: 'hang', ms: 14_000 }, requests: 2 },
  { login: 'oda', what: '429 with Retry-After', effect: { ...status(429), retryAfter: 2 }, requests: 2 },
  { login: 'pia', what: 'token revoked in the middle', effect: { kind: 'revoke-tokens' }, requests: 1 },
  { login: 'quin', what: 'an answer after 6 s', effect: { kind: 'slow', ms: 6_000 }, requests: 1 },
  { login: 'ron', what: 'half an answer', effect: { kind: 'malformed', body: 'json', when: 'after' }, requests: 1 },
  { login: 'sue', what: "a proxy's page before the commit", effect: { kind: 'malformed', body: 'html' }, requests: 2 },
];
/** What only a PATCH can meet: the three forms of a stale version. */
const STALE: Fault[] = [
  { login: 'tim', what: '400 invalidVers', effect: { ...status(400), scimType: 'invalidVers' }, requests: 2 },
  {
    login: 'una',
    what: '409 about the version',
    effect: { ...status(409), message: 'Version does not match current version.' },
    requests: 2,
  },
  { login: 'val', what: '412', effect: status(412), requests: 2 },
];
const EVERYBODY = [...FAULTS, ...STALE];
const LEAVERS = ['gus', 'ida', 'kim', 'tim'];
/** Three runs, each with the client's 10 s time-out and waits between attempts in it. */
const RUNS_MS = 240_000;

function status(code: number, when: 'before' | 'after' = 'before'): FaultEffect & { kind: 'status' } {
  return { kind: 'status', status: code, when };
}

let staff: StaffDirectory;
let unit: string;
let stage: Stage;
const reports: Partial<Record<'create' | 'update' | 'deactivate' | 'reactivate', RunReport>> = {};
/** Log of the simulator at the beginning of the run of updates. */
let updatesFrom = 0;

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Faults');
  await staff.add(
    unit,
    EVERYBODY.map(({ login, what }) => ({ login, name: what })),
  );
  const lenient = { max: 500, percent: 100, floor: 500 };
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    configuration: { safety: { firstRun: 'apply', deactivations: lenient } },
  });
  stage.simulator.faults.add({ on: 'token', effect: { ...status(429), retryAfter: 1 } });
  stage.simulator.faults.add({ on: 'token', effect: status(503) });
  strike(FAULTS, 'POST');
  reports.create = (await stage.sync()).json;

  updatesFrom = stage.simulator.log.length;
  for (const { login } of EVERYBODY) await staff.change(staff.dn(login, unit), { title: 'Boss' });
  strike(EVERYBODY, 'PATCH');
  reports.update = (await stage.sync()).json;

  const some = EVERYBODY.filter(({ login }) => LEAVERS.includes(login));
  for (const kind of ['deactivate', 'reactivate'] as const) {
    for (const login of LEAVERS) await staff.setEnabled(staff.dn(login, unit), kind === 'reactivate');
    strike(some, 'PATCH');
    reports[kind] = (await stage.sync()).json;
  }
}, RUNS_MS);

afterAll(async () => {
  await stage?.close();
  await staff?.stop();
});

function strike(faults: Fault[], method: string): void {
  for (const { login, effect } of faults) stage.simulator.faults.add({ effect, method, userName: mailOf(login) });
}

function mailOf(login: string): string {
  return `${login}@${MAIL_DOMAIN}`;
}

function patchesOf(login: string): number {
  const path = `/users/${stage.user(login).id}`;
  const writes = stage.writesSince(updatesFrom).filter((write) => write.path.endsWith(path));
  return writes.filter((write) => write.status !== 401).length;
}

async function auditRows(runId: string | undefined, login: string): Promise<string[]> {
  return withState(stage.rollcall, async (state) => {
    const rows = await auditOf(state, runId ?? '');
    return rows.filter(({ userName }) => userName === mailOf(login)).map(({ kind }) => kind);
  });
}

describe('a POST that meets', () => {
  test.each(FAULTS)('$what makes one user, linked, with one row in the audit trail', async ({ login, requests }) => {
    const users = stage.simulator.users().filter(({ userName }) => userName === mailOf(login));
    expect(users).toHaveLength(1);
    expect(postsByLogin(stage.simulator)[mailOf(login)]).toBe(requests);
    expect(await auditRows(reports.create?.runId, login)).toEqual(['create']);
    const link = await withState(stage.rollcall, (state) =>
      state.links.byGenesysId(stage.rollcall.sync, users[0]?.id ?? ''),
    );
    expect(link?.anchor).toBe(users[0]?.externalId);
  });
});

describe('a PATCH that meets', () => {
  test.each(EVERYBODY)('$what changes the user and stands in the audit trail once', async ({ login, requests }) => {
    expect(stage.user(login).title).toBe('Boss');
    expect(await auditRows(reports.update?.runId, login)).toEqual(['update']);
    const later = LEAVERS.includes(login) ? 2 * requests : 0;
    expect(patchesOf(login)).toBe(requests + later);
  });

  test.each(['deactivate', 'reactivate'] as const)('a fault while it is to %s ends right as well', async (kind) => {
    for (const login of LEAVERS) expect(await auditRows(reports[kind]?.runId, login)).toEqual([kind]);
  });
});

test('every run with faults ends completed, with nothing parked and nothing lost', async () => {
  const counts = (kind: keyof typeof reports, applied: number) => ({
    outcome: 'completed',
    error: null,
    changes: { [kind]: { planned: applied, applied, parked: 0, held: 0, superseded: 0 } },
  });
  expect(reports).toMatchObject({
    create: counts('create', EVERYBODY.length),
    update: counts('update', EVERYBODY.length),
    deactivate: counts('deactivate', LEAVERS.length),
    reactivate: counts('reactivate', LEAVERS.length),
  });
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(staff, unit));
});

test('a token call that is answered 429 and 503 costs repeated token calls only', () => {
  const tokens = stage.simulator.log.filter(({ on }) => on === 'token').map((request) => request.status);
  expect(tokens.slice(0, 3)).toEqual([429, 503, 200]);
  expect(reports.create?.requests.throttled).toBeGreaterThanOrEqual(2);
});

test('a run after all of that finds nothing to do', async () => {
  const { json } = await stage.sync();
  expect(json).toMatchObject({ outcome: 'completed', unchanged: EVERYBODY.length, requests: { write: 0 } });
});
