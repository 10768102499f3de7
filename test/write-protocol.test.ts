import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LaterError } from '../model/errors.ts';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import type { FaultEffect } from '../simulator/start.ts';
import { ANN, owned } from './support/people.ts';
import { runStart } from './support/state.ts';
import { until } from './support/until.ts';
import { LOGIN, patchOf, WriteBench } from './support/write-bench.ts';

const DEPARTMENT = `${ENTERPRISE_USER}:department`;
const AFTER_504: FaultEffect = { kind: 'status', status: 504, when: 'after' };
const BEFORE_500: FaultEffect = { kind: 'status', status: 500 };

let bench: WriteBench;

beforeEach(async () => {
  bench = await WriteBench.open();
});

afterEach(async () => {
  await bench?.close();
});

/** The failure that Temporal gets to see. */
async function failureOf(attempt: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await attempt.then(
    (result) => result,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`no ApplicationFailure but ${JSON.stringify(error)}`);
}

/** A failure after which Temporal tries again. */
async function retriedFailure(attempt: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await failureOf(attempt);
  expect(failure.nonRetryable).toBe(false);
  return failure;
}

/** Ann is there once, linked, and the change stands in the audit trail once. */
async function expectCreatedOnce(): Promise<void> {
  const [user, ...others] = bench.users();
  expect(others).toEqual([]);
  expect(await bench.link()).toMatchObject({ genesysId: user?.id, active: true });
  expect(await bench.audit()).toMatchObject([{ kind: 'create', genesysId: user?.id, anchor: ANN, actor: 'alice' }]);
  expect((await bench.change()).status).toBe('applied');
}

async function expectParked(code: string, sentence: RegExp): Promise<void> {
  const [row, ...others] = await bench.state.parked.list('corp');
  expect(others).toEqual([]);
  expect(row).toMatchObject({ code, message: expect.stringMatching(sentence) });
  const change = await bench.change();
  expect(change).toMatchObject({ status: 'parked', claim: null, outcome: { code } });
  expect(change.outcome?.correlationId).toBe(row?.correlationId);
  expect(await bench.audit()).toEqual([]);
}

describe('a change that has ended', () => {
  test('answers with its recorded outcome, without any request, whoever asks', async () => {
    await bench.planCreate();
    const first = await bench.write();
    const seen = bench.simulator.log.length;
    expect(await bench.write({ by: bench.activities() })).toEqual(first);
    expect(first).toEqual({ outcome: 'applied', correlationId: expect.any(String) });
    expect(bench.simulator.log.length).toBe(seen);
    await expectCreatedOnce();
  });

  test('is superseded for good when its run was cancelled', async () => {
    await bench.planCreate();
    await bench.state.changes.supersede('run-1', 'cancelled');
    expect(await bench.write()).toEqual({ outcome: 'superseded', correlationId: null });
    expect(bench.simulator.log).toEqual([]);
  });
});

describe('two changes of one person', () => {
  test('are never written at once: the second waits for the first', async () => {
    const link = await bench.linkAnn();
    await bench.plan([patchOf('deactivate', link), patchOf('update', link)]);
    bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
    const first = bench.write({ seq: 1 });
    await until('the first is on its way', () => bench.simulator.faults.hanging === 1);
    const sent = bench.simulator.log.length;
    expect(await retriedFailure(bench.write({ seq: 2 }))).toMatchObject({ type: 'state.busy', nextRetryDelay: 2_000 });
    expect(bench.requests(sent)).toEqual([]);
    expect((await bench.change('run-1', 2)).status).toBe('planned');
    bench.simulator.faults.release();
    expect(await first).toMatchObject({ outcome: 'applied' });
    expect(await bench.write({ seq: 2 })).toMatchObject({ outcome: 'applied' });
    expect((await bench.audit()).map(({ kind }) => kind)).toEqual(['deactivate', 'update']);
  });
});

describe('an attempt that Temporal has given up', () => {
  test('records nothing when its claim was taken over, whatever answer it gets in the end', async () => {
    await bench.planPatch('update');
    bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
    const zombie = bench.write();
    await until('the zombie is on its way', () => bench.simulator.faults.hanging === 1);
    const old = (await bench.change()).claim?.token;
    const second = await bench.write({ by: bench.activities() });
    expect(second).toEqual({ outcome: 'applied', correlationId: expect.any(String) });
    const [link, change] = [await bench.link(), await bench.change()];
    bench.simulator.faults.release();
    expect(await zombie).toEqual(second);
    expect(bench.requests().filter((request) => request.startsWith('PATCH'))).toHaveLength(2);
    expect(await bench.link()).toEqual(link);
    expect(await bench.change()).toEqual(change);
    expect(await bench.audit()).toHaveLength(1);
    expect(old).toBeDefined();
    expect(await bench.state.changes.unclaim({ runId: 'run-1', seq: 1 }, old ?? '')).toBe(false);
  });

  test('sends nothing when a third has taken the claim over while it looked', async () => {
    await bench.planPatch('update');
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
    await retriedFailure(bench.write());
    bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'GET', count: 2 });
    const attempts = [bench.write({ by: bench.activities() }), bench.write({ by: bench.activities() })];
    await until('both look at the user', () => bench.simulator.faults.hanging === 2);
    bench.simulator.faults.release();
    const ends = await Promise.allSettled(attempts);
    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(bench.requests().filter((request) => request.startsWith('PATCH'))).toHaveLength(2);
    expect(await bench.audit()).toHaveLength(1);
  });

  test('parks nothing when its claim was taken over and its request is refused', async () => {
    await bench.planPatch('update');
    bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
    const zombie = bench.write();
    await until('the zombie is on its way', () => bench.simulator.faults.hanging === 1);
    expect(await bench.write({ by: bench.activities() })).toMatchObject({ outcome: 'applied' });
    bench.simulator.set({ permissions: [] });
    bench.simulator.faults.release();
    expect(await zombie).toMatchObject({ outcome: 'applied' });
    expect((await bench.change()).status).toBe('applied');
    expect(await bench.state.parked.list('corp')).toEqual([]);
  });

  test('records its own success when the claim is still its own, once, although another looked meanwhile', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'POST' });
    const zombie = bench.write();
    await until('the zombie is on its way', () => bench.simulator.faults.hanging === 1);
    expect(await bench.write({ by: bench.activities() })).toMatchObject({ outcome: 'applied' });
    bench.simulator.faults.release();
    expect(await zombie).toMatchObject({ outcome: 'applied' });
    await expectCreatedOnce();
  });
});

describe('a claim of another activity, which a reset or a termination left behind', () => {
  beforeEach(async () => {
    await bench.planPatch('update');
    bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
  });

  test('is not looked at while its request may be on its way', async () => {
    const other = bench.write();
    await until('the other is on its way', () => bench.simulator.faults.hanging === 1);
    const from = bench.simulator.log.length;
    const failure = await retriedFailure(bench.write({ by: bench.activities(), attempt: 1 }));
    expect(Number(failure.nextRetryDelay)).toBeGreaterThan(5_000);
    expect(bench.requests(from)).toEqual([]);
    bench.simulator.faults.release();
    const applied = await other;
    expect(await bench.write({ attempt: 1 })).toEqual(applied);
    expect(bench.requests().filter((request) => request.startsWith('PATCH'))).toHaveLength(1);
  });

  test('is resolved once nothing can be on its way any more', async () => {
    bench.minutesAgo = 1;
    const other = bench.write();
    await until('the other is on its way', () => bench.simulator.faults.hanging === 1);
    expect(await bench.write({ by: bench.activities(), attempt: 1 })).toMatchObject({ outcome: 'applied' });
    bench.simulator.faults.release();
    expect(await other).toMatchObject({ outcome: 'applied' });
  });

  test('of a run that was ended from outside is left to its attempt as long as the next run begins', async () => {
    const other = bench.write();
    await until('the other is on its way', () => bench.simulator.faults.hanging === 1);
    await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
    await retriedFailure(bench.resolveUnfinished('run-2'));
    expect((await bench.change()).status).toBe('writing');
    bench.simulator.faults.release();
    expect(await other).toMatchObject({ outcome: 'applied' });
    await bench.resolveUnfinished('run-2');
    expect(await bench.audit()).toHaveLength(1);
  });
});

describe('a POST whose outcome is unknown', () => {
  test.each<[string, FaultEffect]>([
    ['answered 504 although it was carried out', AFTER_504],
    ['carried out, its connection cut', { kind: 'reset', when: 'after' }],
    ['carried out, its answer cut short', { kind: 'malformed', body: 'json', when: 'after' }],
    ["carried out, answered by a proxy's page", { kind: 'malformed', body: 'html', when: 'after' }],
    ['carried out, not answered before the time-out', { kind: 'hang', when: 'after' }],
  ])('%s: is found by the next attempt and not sent again', async (_, effect) => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect, method: 'POST' });
    await retriedFailure(bench.write({ by: bench.activities({ requestTimeoutMs: 300 }) }));
    expect((await bench.change()).status).toBe('writing');
    expect(await bench.write()).toEqual({ outcome: 'applied', correlationId: null });
    expect(bench.requests().filter((request) => request.startsWith('POST'))).toHaveLength(1);
    await expectCreatedOnce();
  });

  test('and whose user is not found is not sent again before the index lag is over', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'POST' });
    await retriedFailure(bench.write());
    const { claim } = await bench.change();
    const failure = await retriedFailure(bench.write());
    expect(failure.category).toBe(ApplicationFailureCategory.BENIGN);
    expect(failure.nextRetryDelay).toBeGreaterThan(1_000);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(60_000);
    expect((await bench.change()).claim).toEqual(claim);
    expect(bench.users()).toEqual([]);
  });

  test('and whose user is not found after the index lag either is sent once more', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'POST' });
    bench.minutesAgo = 2;
    await retriedFailure(bench.write());
    bench.minutesAgo = 0;
    expect(await bench.write()).toMatchObject({ outcome: 'applied', correlationId: expect.any(String) });
    await expectCreatedOnce();
  });

  test('is found as soon as the search index shows the user', async () => {
    await bench.planCreate();
    bench.simulator.set({ indexLagSeconds: 30 });
    bench.simulator.faults.add({ effect: AFTER_504, method: 'POST' });
    await retriedFailure(bench.write());
    expect(await retriedFailure(bench.write())).toMatchObject({ type: 'genesys.throttled' });
    bench.simulator.advance(31_000);
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    expect(bench.requests().filter((request) => request.startsWith('POST'))).toHaveLength(1);
    await expectCreatedOnce();
  });

  test('is recognised although an administrator has made the new user inactive meanwhile', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: AFTER_504, method: 'POST' });
    await retriedFailure(bench.write());
    bench.simulator.edit(bench.users()[0]?.id ?? '', { state: 'inactive' });
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    await expectCreatedOnce();
  });

  test.each(['active', 'inactive'] as const)(
    'parks the person, and leaves the other alone, when an %s stranger has the login by now',
    async (state) => {
      await bench.planCreate();
      bench.simulator.faults.add({ effect: BEFORE_500, method: 'POST' });
      await retriedFailure(bench.write());
      const [stranger] = bench.simulator.seed([{ userName: LOGIN, state }]);
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      await expectParked('identity.login-taken', /free it there/);
      expect(bench.users()).toEqual([stranger]);
    },
  );
});

describe('a PATCH whose outcome is unknown', () => {
  const both = [owned('title', 'Boss'), owned(DEPARTMENT, 'Sales')];
  const patches = (): unknown[] =>
    bench.simulator.log.filter(({ method }) => method === 'PATCH').map(({ body }) => body);

  test.each(['update', 'deactivate'] as const)('carried out: an %s is recorded and not sent again', async (kind) => {
    await bench.planPatch(kind);
    bench.simulator.faults.add({ effect: AFTER_504, method: 'PATCH' });
    await retriedFailure(bench.write());
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    expect(patches()).toHaveLength(1);
    expect(await bench.audit()).toMatchObject([{ kind, request: { method: 'PATCH' } }]);
    expect((await bench.link()).active).toBe(kind === 'update');
  });

  test('not carried out: all of it is sent again', async () => {
    await bench.planPatch('update', both);
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
    await retriedFailure(bench.write());
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    const [first, second] = patches();
    expect(second).toEqual(first);
    expect(bench.users()).toMatchObject([{ title: 'Boss', department: 'Sales' }]);
    expect(await bench.audit()).toHaveLength(1);
  });

  test('carried out by half: only the rest is sent, and the audit trail tells the whole change', async () => {
    const link = await bench.planPatch('update', both);
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
    await retriedFailure(bench.write());
    bench.simulator.edit(link.genesysId, { title: 'Boss' });
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    expect(patches()[1]).toMatchObject({ Operations: [{ op: 'replace', path: DEPARTMENT, value: 'Sales' }] });
    expect(bench.users()).toMatchObject([{ title: 'Boss', department: 'Sales' }]);
    expect(await bench.audit()).toMatchObject([{ after: { title: 'Boss', [DEPARTMENT]: 'Sales' } }]);
    expect((await bench.link()).written).toMatchObject({ title: 'Boss', [DEPARTMENT]: 'Sales' });
  });

  test('of a user deleted in Genesys Cloud meanwhile is parked', async () => {
    const link = await bench.planPatch('update');
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
    await retriedFailure(bench.write());
    bench.simulator.edit(link.genesysId, { state: 'deleted' });
    expect(await bench.write()).toMatchObject({ outcome: 'parked' });
    await expectParked('genesys.not-found', /was deleted in Genesys Cloud; restore him there/);
  });
});

describe('a definite refusal', () => {
  test.each<[string, FaultEffect, string, RegExp]>([
    ['400', { kind: 'status', status: 400, scimType: 'invalidValue' }, 'genesys.invalid', /correct the value/],
    ['403', { kind: 'status', status: 403 }, 'genesys.forbidden', /SCIM Integration/],
  ])('%s parks the change with a sentence and the correlation id, and frees the person', async (_, effect, ...why) => {
    const link = await bench.linkAnn();
    await bench.plan([patchOf('deactivate', link), patchOf('update', link)]);
    bench.simulator.faults.add({ effect, method: 'PATCH' });
    const { outcome, correlationId } = await bench.write();
    expect(outcome).toBe('parked');
    expect(correlationId).toBe(bench.simulator.log.at(-1)?.correlationId);
    await expectParked(...why);
    expect((await bench.state.parked.list('corp'))[0]?.correlationId).toBe(correlationId);
    expect(await bench.write({ seq: 2 })).toMatchObject({ outcome: 'applied' });
    expect(await bench.state.parked.list('corp')).toEqual([]);
  });

  test('409 on a POST takes a stranger over who has the login and is plainly the person', async () => {
    await bench.planCreate();
    const [stranger] = bench.simulator.seed([{ userName: LOGIN, displayName: 'A. Lee', title: 'Agent' }]);
    const before = bench.simulator.log.length;
    expect(await bench.write()).toMatchObject({ outcome: 'applied', correlationId: expect.any(String) });
    expect(bench.requests(before).filter((request) => !request.startsWith('GET'))).toHaveLength(2);
    expect(bench.users()).toMatchObject([
      { id: stranger?.id, displayName: 'Ann Lee', title: 'Agent', externalId: ANN, state: 'active' },
    ]);
    expect(await bench.link()).toMatchObject({ genesysId: stranger?.id, active: true });
    expect(await bench.audit()).toMatchObject([
      {
        ...{ kind: 'create', genesysId: stranger?.id, before: { displayName: 'A. Lee' } },
        reason: expect.stringContaining('whom nobody managed had the login and is taken over'),
      },
    ]);
  });

  test.each([
    ['is inactive', { state: 'inactive' as const }],
    ['carries the anchor of another entry', { externalId: '0c000000-0000-4000-8000-000000000003' }],
    ['carries an external id of another system', { externalIds: [{ authority: 'hr', value: '12' }] }],
  ])('409 on a POST parks the person when a stranger has the login who %s', async (_, odd) => {
    await bench.planCreate();
    const [stranger] = bench.simulator.seed([{ userName: LOGIN, ...odd }]);
    expect(await bench.write()).toMatchObject({ outcome: 'parked', correlationId: expect.any(String) });
    await expectParked(
      'identity.login-taken',
      /belongs to .*, a Genesys Cloud user whom Rollcall does not manage; the next/,
    );
    expect(bench.users()).toEqual([stranger]);
  });

  test('409 on a POST leaves a person out whose login belongs to a protected stranger', async () => {
    await bench.planCreate();
    const roles = bench.settings.target.protect.roles;
    const [stranger] = bench.simulator.seed([{ userName: LOGIN, roles: [{ value: roles[0] ?? '' }] }]);
    expect(await bench.write()).toMatchObject({ outcome: 'superseded' });
    expect(await bench.change()).toMatchObject({ outcome: { message: /protected by target.protect/ } });
    expect(bench.users()).toEqual([stranger]);
  });

  test.each(['active', 'inactive'] as const)(
    '409 on a POST is a success when the %s user carries our own anchor',
    async (state) => {
      await bench.planCreate();
      bench.simulator.seed([{ userName: LOGIN, displayName: 'Ann Lee', externalId: ANN, state }]);
      expect(await bench.write()).toMatchObject({ outcome: 'applied', correlationId: expect.any(String) });
      expect(bench.users()).toHaveLength(1);
      // Nobody knows whether he has our values: he is linked as he stands, and the next full run makes the difference.
      const [user] = bench.users();
      const asHeStands = { genesysId: user?.id, active: state === 'active', written: {}, version: null };
      expect(await bench.link()).toMatchObject(asHeStands);
      expect((await bench.change()).status).toBe('applied');
    },
  );

  test('429 leaves the change planned for as long as it asks, and costs no look-up', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: { kind: 'status', status: 429, retryAfter: 7 }, method: 'POST' });
    const failure = await retriedFailure(bench.write());
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(7_000);
    expect(await bench.change()).toMatchObject({ status: 'planned', claim: null });
    const sent = bench.simulator.log.length;
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    expect(bench.requests(sent)).toEqual(['POST /api/v2/scim/v2/users']);
    await expectCreatedOnce();
  });

  test('a refused connection leaves the change planned: surely nothing was sent', async () => {
    await bench.planPatch('update');
    await bench.simulator.faults.setOutage('refused');
    expect(await retriedFailure(bench.write())).toMatchObject({ type: 'genesys.unreachable' });
    expect(await bench.change()).toMatchObject({ status: 'planned', claim: null });
    await bench.simulator.faults.setOutage(null);
    const sent = bench.simulator.log.length;
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
    expect(bench.requests(sent)).toEqual([expect.stringMatching(/^PATCH/)]);
  });
});

describe('the pace', () => {
  test('that has no place for the request ends the attempt before the claim', async () => {
    await bench.planCreate();
    const later = new LaterError('not now', 4_200);
    const pace = { take: () => Promise.reject(later), observe: () => Promise.resolve() };
    const busy = bench.activities({ pace });
    expect(await retriedFailure(bench.write({ by: busy }))).toMatchObject({
      nextRetryDelay: 4_200,
      category: ApplicationFailureCategory.BENIGN,
    });
    expect(await bench.change()).toMatchObject({ status: 'planned', claim: null });
    expect(bench.requests()).toEqual([]);
    expect(await bench.write()).toMatchObject({ outcome: 'applied' });
  });
});

describe('a version clash', () => {
  test.each([400, 409, 412] as const)(
    'told by %i: the user is read and compared again, and only what still differs is sent',
    async (staleVersion) => {
      const link = await bench.linkAnn();
      await bench.plan([patchOf('deactivate', link)], 'run-leave');
      await bench.write({ runId: 'run-leave' });
      await bench.plan([patchOf('reactivate', link, [owned('title', 'Boss'), owned(DEPARTMENT, 'Sales')])]);
      bench.simulator.set({ staleVersion });
      bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
      const write = bench.write();
      await until('the PATCH is on its way', () => bench.simulator.faults.hanging === 1);
      bench.simulator.edit(link.genesysId, { title: 'Boss' });
      bench.simulator.faults.release();
      expect(await write).toMatchObject({ outcome: 'applied' });
      const [, , last] = bench.simulator.log.filter(({ method }) => method === 'PATCH');
      expect(JSON.stringify(last?.body)).not.toContain('title');
      expect(bench.users()).toMatchObject([{ state: 'active', title: 'Boss', department: 'Sales' }]);
      expect(await bench.audit()).toHaveLength(1);
    },
  );
});

describe('what a run leaves behind that was ended from outside', () => {
  const next = (): Promise<unknown> => bench.state.runs.open(runStart('run-2'));

  beforeEach(() => {
    // Longer ago than a request can be on its way.
    bench.minutesAgo = 0.5;
  });

  test('is recorded under that run when it was carried out', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: AFTER_504, method: 'POST' });
    await retriedFailure(bench.write());
    await next();
    await bench.resolveUnfinished('run-2');
    await expectCreatedOnce();
    expect(await bench.state.changes.unfinished('corp')).toEqual([]);
    expect((await bench.state.runs.get('run-1'))?.outcome).toBe('terminated');
  });

  test('is superseded when it was not carried out, so that the next run plans it anew', async () => {
    const link = await bench.planPatch('update');
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
    await retriedFailure(bench.write());
    await next();
    await bench.resolveUnfinished('run-2');
    expect(await bench.change()).toMatchObject({ status: 'superseded' });
    expect(await bench.audit()).toEqual([]);
    expect(await bench.link()).toEqual(link);
  });

  test('waits for the index lag where a POST is not to be seen yet, after everything else is resolved', async () => {
    await bench.planCreate();
    bench.simulator.faults.add({ effect: BEFORE_500, method: 'POST' });
    await retriedFailure(bench.write());
    await next();
    const failure = await retriedFailure(bench.resolveUnfinished('run-2'));
    expect(failure.nextRetryDelay).toBeGreaterThan(1_000);
    expect((await bench.change()).status).toBe('writing');
  });

  test('is never sent again by an attempt of that run', async () => {
    await bench.planCreate();
    await next();
    expect(await bench.write()).toMatchObject({ outcome: 'superseded' });
    expect(bench.requests()).toEqual([]);
  });
});
