import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Activities } from '../activities/index.ts';
import type { WriteResult } from '../activities/write-attempt.ts';
import type { Entry } from '../model/entry.ts';
import type { Link, PatchOperation } from '../model/user.ts';
import { moveAside } from '../planning/split-change.ts';
import type { FaultEffect } from '../simulator/start.ts';
import { hashDesired } from '../state/hash.ts';
import type { AuditRow } from '../state/state.ts';
import { startScriptedGenesys } from './support/genesys-target.ts';
import { sendJson, type Reply } from './support/http-server.ts';
import { ANN, changeOf, desiredUser, manager, owned } from './support/people.ts';
import { ENGINES, runStart, statePlace, type StatePlace } from './support/state.ts';
import {
  linkAt,
  linkOldOne,
  OLD,
  oldOneReturns,
  rebindOf,
  recycleOf,
  RETIRED_LOGIN,
  retirementOf,
} from './support/successions.ts';
import { until } from './support/until.ts';
import { IDENTITY, LOGIN, WriteBench } from './support/write-bench.ts';

const AFTER_504: FaultEffect = { kind: 'status', status: 504, when: 'after' };
const BEFORE_500: FaultEffect = { kind: 'status', status: 500 };
/** In minutes. */
const LONGER_THAN_A_REQUEST = 0.5;
const REF = { runId: 'run-1', seq: 1 };

describe.each(ENGINES)('on %s', (engine) => {
  let place: StatePlace;
  let bench: WriteBench;

  beforeAll(async () => {
    place = await statePlace(engine);
  });
  beforeEach(async () => {
    bench = await WriteBench.open(place);
  });
  afterEach(() => bench?.close());
  afterAll(() => place?.close());

  const sent = (method: string): string[] => bench.requests().filter((request) => request.startsWith(method));
  const steps = (rows: AuditRow[]) => rows.map(({ anchor, kind, step }) => ({ anchor, kind, step }));

  /** The old holder is there, and Ann shall have his login. */
  async function planRecycle() {
    const old = await linkOldOne(bench);
    bench.simulator.edit(old.genesysId, { roles: [{ value: 'employee' }, { value: 'Supervisor' }] });
    await bench.plan([recycleOf(old)]);
    return old;
  }

  /** Everything as it shall be after a recycle, whatever happened on the way. */
  async function expectRecycled(oldId: string): Promise<void> {
    const [retired, created, ...others] = bench.simulator.users();
    expect(others).toEqual([]);
    expect(retired).toMatchObject({
      id: oldId,
      userName: RETIRED_LOGIN,
      state: 'inactive',
      displayName: 'Ann of old',
      phoneNumbers: [],
    });
    expect(created).toMatchObject({ userName: LOGIN, state: 'active', displayName: 'Ann Lee', externalId: ANN });
    expect(await linkAt(bench.state, OLD)).toMatchObject({ genesysId: oldId, userName: RETIRED_LOGIN, active: false });
    expect(await linkAt(bench.state, ANN)).toMatchObject({ genesysId: created?.id, userName: LOGIN, active: true });
    const rows = await bench.audit();
    expect(steps(rows)).toEqual([
      { anchor: ANN, kind: 'recycle', step: 'create' },
      { anchor: OLD, kind: 'recycle', step: 'retire' },
    ]);
    expect(rows.map(({ genesysId }) => genesysId)).toEqual([created?.id, oldId]);
    expect((await bench.change()).status).toBe('applied');
    expect(sent('POST')).toHaveLength(2);
  }

  async function expectParked(anchor: string, code: string, sentence: RegExp): Promise<void> {
    const rows = await bench.state.parked.list('corp');
    expect(rows).toMatchObject([{ anchor, code, message: expect.stringMatching(sentence) }]);
  }

  describe('a recycle', () => {
    test('keeps a picture of the old user, retires him, creates the new one, each once', async () => {
      const old = await planRecycle();
      expect(await bench.snapshot()).toMatchObject({ outcome: 'applied' });
      expect(await bench.retire()).toMatchObject({ outcome: 'applied' });
      expect(await bench.change()).toMatchObject({ status: 'planned', step: 'create' });
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      await expectRecycled(old.genesysId);
      const picture = await bench.state.snapshots.ofRun('corp', old.genesysId, 'run-1');
      expect(picture).toMatchObject({ anchor: OLD, user: { userName: LOGIN, active: true } });
      expect(picture?.user['roles']).toEqual([{ value: 'employee' }, { value: 'Supervisor' }]);
      const [, retirement] = await bench.audit();
      expect(retirement).toMatchObject({
        reason: expect.stringContaining('the login belonged to somebody who is gone'),
        before: { userName: LOGIN, active: true },
        after: { userName: RETIRED_LOGIN, active: false },
        request: { method: 'PATCH', genesysId: old.genesysId },
      });
      const ended = bench.simulator.log.length;
      expect(await bench.retire()).toMatchObject({ outcome: 'applied' });
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(bench.simulator.log.length).toBe(ended);
      expect(await bench.state.audit.appliedSince('corp', ['recycle'], '2000-01-01')).toBe(1);
    });

    test('goes on when the worker was killed between claiming and sending a step', async () => {
      const old = await planRecycle();
      await bench.snapshot();
      const { predecessor } = (await bench.change()).change;
      const body = { Operations: predecessor?.retirement?.operations };
      const patch = { method: 'PATCH', genesysId: old.genesysId, body } as const;
      expect(await bench.state.changes.claim(REF, { token: 'killed', request: patch })).toBe('claimed');
      expect(await bench.snapshot()).toMatchObject({ outcome: 'applied' });
      expect(await bench.retire()).toMatchObject({ outcome: 'applied' });
      expect(sent('PATCH')).toHaveLength(1);
      const post = {
        method: 'POST',
        genesysId: null,
        body: { userName: LOGIN, displayName: 'Ann Lee', externalId: ANN },
      } as const;
      bench.minutesAgo = 2;
      expect(await bench.state.changes.claim(REF, { token: 'killed too', request: post })).toBe('claimed');
      bench.minutesAgo = 0;
      expect(await bench.retire()).toMatchObject({ outcome: 'applied' });
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(bench.simulator.users()).toMatchObject([{ id: old.genesysId, state: 'inactive' }, { userName: LOGIN }]);
    });

    test.each([
      ['PATCH', AFTER_504, 1],
      ['PATCH', BEFORE_500, 2],
      ['POST', AFTER_504, 1],
    ] as const)('goes on when the answer to the %s was lost (%o)', async (method, effect, times) => {
      const old = await planRecycle();
      const before = sent(method).length;
      bench.simulator.faults.add({ effect, method });
      for (const step of [() => bench.snapshot(), () => bench.retire(), () => bench.write()]) {
        await step().catch(() => step());
      }
      await expectRecycled(old.genesysId);
      expect(sent(method)).toHaveLength(before + times);
    });

    test('is not taken for done when the service still shows the retired user under his old login', async () => {
      const old = await planRecycle();
      await bench.retire();
      const late = await startScriptedGenesys({ api: trailing(old.genesysId) });
      try {
        const { baseUrl, tokenUrl } = late.settings;
        const target = { ...bench.settings.target, baseUrl, tokenUrl };
        const by = bench.activities({ settings: { ...bench.settings, target } });
        bench.minutesAgo = 2;
        await expect(bench.write({ by })).rejects.toThrow(ApplicationFailure);
        bench.minutesAgo = 0;
        expect(await bench.write({ by })).toMatchObject({ outcome: 'applied' });
        expect(await linkAt(bench.state, ANN)).toMatchObject({ genesysId: 'new-id' });
      } finally {
        await late.close();
      }
    });

    /** A service that fails at the first POST, and whose look-ups know nothing yet of a retirement. */
    function trailing(retired: string): Reply {
      let posts = 0;
      const asBefore = { id: retired, userName: LOGIN, displayName: 'Ann of old', active: true };
      return ({ method }, response) => {
        if (method === 'GET') {
          sendJson(response, 200, { totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [asBefore] });
          return;
        }
        posts += 1;
        if (posts === 1) sendJson(response, 500, { message: 'internal', code: 'internal.server.error', status: 500 });
        else sendJson(response, 201, { ...asBefore, id: 'new-id' });
      };
    }

    test('parks the new person when he cannot be created; the old one stays retired', async () => {
      const old = await planRecycle();
      await bench.retire();
      bench.simulator.faults.add({ effect: { kind: 'status', status: 400, scimType: 'invalidValue' }, method: 'POST' });
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'genesys.invalid', /correct the value/);
      expect(bench.simulator.users()).toMatchObject([
        { id: old.genesysId, userName: RETIRED_LOGIN, state: 'inactive' },
      ]);
      expect(await linkAt(bench.state, OLD)).toMatchObject({ active: false });
      expect(steps(await bench.audit())).toEqual([{ anchor: OLD, kind: 'recycle', step: 'retire' }]);
      expect(await bench.retire()).toMatchObject({ outcome: 'parked' });
    });

    test('changes nobody when the retirement is refused', async () => {
      const old = await planRecycle();
      bench.simulator.faults.add({ effect: { kind: 'status', status: 400 }, method: 'PATCH' });
      expect(await bench.retire()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'genesys.invalid', /correct the value/);
      expect(bench.users()).toMatchObject([{ id: old.genesysId, state: 'active' }]);
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      expect(sent('POST')).toHaveLength(1);
    });

    test('is parked when the old user was deleted, since his account would come back to life', async () => {
      const old = await planRecycle();
      bench.simulator.edit(old.genesysId, { state: 'deleted' });
      expect(await bench.snapshot()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'genesys.not-found', /restore him there so that he can be retired/);
      expect(await bench.retire()).toMatchObject({ outcome: 'parked' });
    });

    test('leaves a protected user alone', async () => {
      const old = await planRecycle();
      const { target } = bench.settings;
      const protect = { userNames: [], roles: ['Supervisor'] };
      const by = bench.activities({ settings: { ...bench.settings, target: { ...target, protect } } });
      expect(await bench.retire({ by })).toMatchObject({ outcome: 'superseded' });
      expect(bench.users()).toMatchObject([{ id: old.genesysId, state: 'active' }]);
    });

    test.each(['retire', 'create'] as const)('whose run ended in the middle of %s is not lost', async (step) => {
      bench.minutesAgo = LONGER_THAN_A_REQUEST;
      const old = await planRecycle();
      if (step === 'create') await bench.retire();
      bench.simulator.faults.add({ effect: AFTER_504, method: step === 'create' ? 'POST' : 'PATCH' });
      await expect(step === 'create' ? bench.write() : bench.retire()).rejects.toThrow(ApplicationFailure);
      await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
      await bench.resolveUnfinished('run-2');
      expect(await bench.state.changes.unfinished('corp')).toEqual([]);
      if (step === 'create') return expectRecycled(old.genesysId);
      expect(await bench.change()).toMatchObject({ status: 'superseded', outcome: { message: /creates the new one/ } });
      expect(await linkAt(bench.state, OLD)).toMatchObject({ userName: RETIRED_LOGIN, active: false });
      expect(await bench.write()).toMatchObject({ outcome: 'superseded' });
      await bench.plan([changeOf({ desired: desiredUser(IDENTITY) })], 'run-2');
      expect(await bench.write({ runId: 'run-2' })).toMatchObject({ outcome: 'applied' });
      expect(bench.simulator.users()).toMatchObject([
        { userName: RETIRED_LOGIN },
        { userName: LOGIN, state: 'active' },
      ]);
      return undefined;
    });

    test('that was not carried out when its run ended is planned anew', async () => {
      bench.minutesAgo = LONGER_THAN_A_REQUEST;
      const old = await planRecycle();
      bench.simulator.faults.add({ effect: BEFORE_500, method: 'PATCH' });
      await expect(bench.retire()).rejects.toThrow(ApplicationFailure);
      await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
      await bench.resolveUnfinished('run-2');
      expect(await bench.change()).toMatchObject({ status: 'superseded', step: '' });
      expect(await linkAt(bench.state, OLD)).toEqual(old);
    });
  });

  describe('a retirement for somebody who has a user already', () => {
    async function planRetirement() {
      const old = await linkOldOne(bench);
      await bench.plan([retirementOf(old)]);
      return old;
    }

    async function expectRetired(oldId: string): Promise<void> {
      expect(bench.simulator.users()).toMatchObject([{ id: oldId, userName: RETIRED_LOGIN, state: 'inactive' }]);
      expect(await linkAt(bench.state, OLD)).toMatchObject({ userName: RETIRED_LOGIN, active: false });
      expect(steps(await bench.audit())).toEqual([{ anchor: OLD, kind: 'recycle', step: 'retire' }]);
      expect((await bench.change()).status).toBe('applied');
      expect(sent('PATCH')).toHaveLength(1);
      // Whoever is retired has no login any more that others might want.
      expect(await bench.state.links.counts('corp')).toEqual({ active: 0, total: 0 });
    }

    test('is one PATCH, after which the change has ended', async () => {
      const old = await planRetirement();
      expect(await bench.snapshot()).toMatchObject({ outcome: 'applied' });
      expect(await bench.retire()).toEqual({ outcome: 'applied', correlationId: expect.any(String), ends: true });
      await expectRetired(old.genesysId);
      expect(await bench.state.snapshots.ofRun('corp', old.genesysId, 'run-1')).toMatchObject({ anchor: OLD });
      const requests = bench.simulator.log.length;
      expect(await bench.retire()).toMatchObject({ outcome: 'applied', ends: true });
      expect(bench.simulator.log.length).toBe(requests);
    });

    test.each(['the worker', 'the run'] as const)(
      'whose answer was lost is found done when %s goes on',
      async (who) => {
        bench.minutesAgo = LONGER_THAN_A_REQUEST;
        const old = await planRetirement();
        bench.simulator.faults.add({ effect: AFTER_504, method: 'PATCH' });
        await expect(bench.retire()).rejects.toThrow(ApplicationFailure);
        if (who === 'the worker') {
          await bench.retire();
        } else {
          await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
          await bench.resolveUnfinished('run-2');
        }
        await expectRetired(old.genesysId);
      },
    );

    test('is void when the user was deleted', async () => {
      const old = await planRetirement();
      bench.simulator.edit(old.genesysId, { state: 'deleted' });
      expect(await bench.snapshot()).toMatchObject({ outcome: 'superseded' });
      expect(await bench.change()).toMatchObject({ outcome: { message: /nothing is left to retire/ } });
      expect(await bench.state.parked.list('corp')).toEqual([]);
    });

    test('is void when another run wrote the user meanwhile', async () => {
      const old = await planRetirement();
      await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash, mode: 'provision' }));
      await bench.state.changes.begin('run-2');
      bench.minutesAgo = -1;
      await bench.state.links.catchUp('corp', 'run-2', [{ link: old, retired: false }]);
      bench.minutesAgo = 0;
      expect(await bench.retire()).toMatchObject({ outcome: 'superseded' });
      expect(bench.users()).toMatchObject([{ id: old.genesysId, userName: LOGIN, state: 'active' }]);
    });
  });

  describe('a rebind', () => {
    /** Ann's user is the old one's, under her anchor. */
    async function expectRebound(oldId: string, title = 'Boss'): Promise<void> {
      expect(bench.simulator.users()).toMatchObject([{ id: oldId, userName: LOGIN, externalId: ANN, title }]);
      const links = await bench.state.links.byAnchor('corp', [ANN, OLD]);
      expect([...links.keys()]).toEqual([ANN]);
      expect(links.get(ANN)).toMatchObject({ genesysId: oldId, active: true, written: { externalId: ANN, title } });
      const rows = await bench.audit();
      expect(rows).toMatchObject([
        { anchor: ANN, kind: 'rebind', step: '', genesysId: oldId, before: { externalId: OLD } },
      ]);
      expect(await bench.state.parked.list('corp')).toEqual([]);
    }

    test('moves the link with one PATCH; nobody of the two stays parked', async () => {
      const old = await linkOldOne(bench);
      const why = { code: 'identity.login-taken', message: 'the login is taken' };
      await bench.plan([changeOf({ parked: why }), changeOf({ anchor: OLD, parked: why })], 'run-a');
      await bench.plan([rebindOf(old)]);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      await expectRebound(old.genesysId);
      expect(sent('PATCH')).toHaveLength(1);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(sent('PATCH')).toHaveLength(1);
      expect(await bench.state.audit.appliedSince('corp', ['rebind'], '2000-01-01')).toBe(1);
    });

    test.each([
      ['lost', AFTER_504, 1],
      ['an error', BEFORE_500, 2],
    ] as const)('goes on when the answer was %s', async (_, effect, times) => {
      const old = await linkOldOne(bench);
      await bench.plan([rebindOf(old)]);
      bench.simulator.faults.add({ effect, method: 'PATCH' });
      await expect(bench.write()).rejects.toThrow(ApplicationFailure);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      await expectRebound(old.genesysId);
      expect(sent('PATCH')).toHaveLength(times);
    });

    test('that a run left unfinished is recorded under that run', async () => {
      bench.minutesAgo = LONGER_THAN_A_REQUEST;
      const old = await linkOldOne(bench);
      await bench.plan([rebindOf(old)]);
      bench.simulator.faults.add({ effect: AFTER_504, method: 'PATCH' });
      await expect(bench.write()).rejects.toThrow(ApplicationFailure);
      await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
      await bench.resolveUnfinished('run-2');
      await expectRebound(old.genesysId);
    });

    test('with nothing to write only moves the link', async () => {
      const old = await linkOldOne(bench);
      const externalIds = [{ authority: 'ldap-entryuuid', value: ANN }];
      bench.simulator.edit(old.genesysId, { externalId: ANN, externalIds, title: 'Boss' });
      await bench.plan([{ ...rebindOf(old), operations: [] }]);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(sent('PATCH')).toEqual([]);
      expect([...(await bench.state.links.byAnchor('corp', [ANN, OLD])).keys()]).toEqual([ANN]);
    });

    test('of somebody inactive makes him active again', async () => {
      const old = await linkOldOne(bench);
      const operations: PatchOperation[] = [{ op: 'replace', path: 'active', value: false }];
      const leaves = { anchor: OLD, genesysId: old.genesysId, desired: null, operations };
      await bench.plan([changeOf({ kind: 'deactivate', ...leaves })], 'run-a');
      await bench.write({ runId: 'run-a' });
      await bench.plan([rebindOf(await linkAt(bench.state, OLD))]);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(bench.simulator.users()).toMatchObject([{ id: old.genesysId, state: 'active', externalId: ANN }]);
      expect(await linkAt(bench.state, ANN)).toMatchObject({ active: true });
    });

    test('is void when the old anchor has another user by now', async () => {
      const old = await linkOldOne(bench);
      await bench.plan([rebindOf({ ...old, genesysId: 'another' })]);
      expect(await bench.write()).toMatchObject({ outcome: 'superseded' });
      expect(sent('PATCH')).toEqual([]);
    });
  });

  describe('a swap of logins', () => {
    const WANTED = 'ann.smith@example.com';
    const WAITING = 'moving-0a000000@example.com';
    /** Ann shall have another title, and a login that somebody else has until her second part. */
    async function planSwap() {
      const link = await bench.linkAnn();
      const whole = changeOf({
        kind: 'update',
        genesysId: link.genesysId,
        userName: WANTED,
        desired: desiredUser([...IDENTITY, owned('title', 'Boss')], { userName: WANTED }),
        before: { userName: LOGIN, title: null },
        after: { userName: WANTED, title: 'Boss' },
        operations: [replace('title', 'Boss'), replace('userName', WANTED)],
      });
      const { aside, final } = moveAside(whole, WAITING);
      await bench.plan([aside, final]);
      return { link, hash: hashDesired(whole.desired ?? desiredUser()) };
    }
    const replace = (path: string, value: string): PatchOperation => ({ op: 'replace', path, value });

    test('gives the temporary login first, which counts as in step neither for a full run nor for a delta', async () => {
      const { link: before, hash } = await planSwap();
      await stage('run-1');
      bench.simulator.faults.add({ effect: AFTER_504, method: 'PATCH' });
      await expect(bench.write()).rejects.toThrow(ApplicationFailure);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      const [patch, ...more] = bench.simulator.log.filter(({ method }) => method === 'PATCH');
      expect(more).toEqual([]);
      expect(JSON.stringify(patch?.body)).not.toContain(WANTED);
      const link = await bench.link();
      expect(link).toMatchObject({
        userName: WAITING,
        written: { ...before.written, userName: WAITING, title: 'Boss' },
      });
      expect(link.writtenHash).not.toBe(hash);
      expect(await outdated('run-1')).toEqual([ANN]);

      expect(await bench.write({ seq: 2 })).toMatchObject({ outcome: 'applied' });
      expect(bench.simulator.users()).toMatchObject([{ userName: WANTED, title: 'Boss' }]);
      expect(await bench.link()).toMatchObject({ userName: WANTED, writtenHash: hash });
      expect((await bench.audit()).map(({ kind, part }) => ({ kind, part }))).toEqual([
        { kind: 'update', part: 0 },
        { kind: 'update', part: 1 },
      ]);
      expect(await outdated('run-1')).toEqual([]);
    });

    test('whose first part alone was made comes home by an ordinary update', async () => {
      const { link, hash } = await planSwap();
      await bench.write();
      await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
      expect(await bench.write({ seq: 2 })).toMatchObject({ outcome: 'superseded' });
      const desired = desiredUser([...IDENTITY, owned('title', 'Boss')], { userName: WANTED });
      const operations = [replace('userName', WANTED)];
      const { genesysId } = link;
      await bench.plan([changeOf({ kind: 'update', genesysId, userName: WANTED, desired, operations })], 'run-2');
      expect(await bench.write({ runId: 'run-2' })).toMatchObject({ outcome: 'applied' });
      expect(await bench.link()).toMatchObject({ userName: WANTED, writtenHash: hash });
    });

    function entryOf(anchor: string): Entry {
      return {
        ...{ directory: 'corp-ad', vendor: 'ad', anchor, dn: 'CN=Ann', dnKey: 'cn=ann', attributes: {} },
        ...{ stamp: '1', stampScope: '', enabled: true, disabledBecause: null, dueAt: null },
      };
    }

    /** The run swept Ann's entry, as it was when she was last settled. */
    async function stage(runId: string): Promise<void> {
      const { staging } = bench.state;
      const swept = entryOf(ANN);
      await staging.begin(runId, 'corp-ad', 1);
      await staging.add(runId, 'corp-ad', 1, [swept], { swept: true });
      await staging.setFingerprints(runId, [{ anchor: ANN, directory: 'corp-ad', fingerprint: 'print-1' }]);
      await staging.complete(runId, 'corp-ad', 1, { read: 1, inScope: 1, referrals: [] });
    }

    async function outdated(runId: string): Promise<string[]> {
      const found: string[] = [];
      const pages = bench.state.staging.outdated(runId, 'corp', 'corp-ad', new Date().toISOString());
      for await (const page of pages) found.push(...page);
      return found;
    }
  });

  describe('a create whose login belonged to a deleted account', () => {
    async function planRevival() {
      const [deleted] = bench.simulator.seed([{ userName: LOGIN, displayName: 'Somebody deleted', state: 'deleted' }]);
      await bench.planCreate();
      return deleted?.id ?? '';
    }

    test('is parked and linked to nobody; the audit trail names the account', async () => {
      const deleted = await planRevival();
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'identity.revived', /brought back a deleted account/);
      expect(await bench.state.links.byGenesysId('corp', deleted)).toBeNull();
      expect(await bench.audit()).toMatchObject([{ anchor: ANN, kind: 'create', step: 'revived', genesysId: deleted }]);
    });

    test('is not linked by a later attempt either, which finds it with the anchor that the first one gave it', async () => {
      const deleted = await planRevival();
      await bench.write();
      await bench.state.runs.close('run-1', { outcome: 'parked', error: null, heldBatch: null });
      await bench.planCreate('run-2');
      expect(await bench.write({ runId: 'run-2' })).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'identity.revived', /approve its adoption/);
      expect(await bench.state.links.byGenesysId('corp', deleted)).toBeNull();
    });
  });

  describe('a create in place of a user deleted in Genesys Cloud', () => {
    const titled = (title: string | null) => desiredUser([...IDENTITY, owned('title', title)]);
    const REPORT = 'r@example.com';
    const reporting = desiredUser([manager(ANN)], { anchor: OLD, userName: REPORT });

    /** Ann and somebody who reports to her are there, her user was deleted, and a run makes her anew. */
    async function planAnew(title: string | null = 'Boss'): Promise<Link> {
      for (const [runId, desired] of Object.entries({ 'run-0': titled('Boss'), 'run-00': reporting })) {
        await bench.plan([changeOf({ anchor: desired.anchor, userName: desired.userName, desired })], runId);
        await bench.write({ runId });
      }
      const link = await bench.link();
      // Long enough for the index to show both, and not the deletion.
      bench.simulator.set({ indexLagSeconds: 600 });
      bench.simulator.advance(601_000);
      bench.simulator.edit(link.genesysId, { state: 'deleted' });
      const { genesysId } = link;
      const planned = { reason: 'his user was deleted', before: { title: 'Boss' }, desired: titled(title) };
      await bench.plan([changeOf({ genesysId, ...planned })]);
      return link;
    }
    const present = () => bench.simulator.users().filter((one) => one.state !== 'deleted' && one.userName !== REPORT);
    /** Of the run itself. */
    const posts = (): number => sent('POST').length - 2;

    /** Ann is there once and linked to that user, and the audit trail tells which one he takes the place of. */
    async function expectAnew(old: Link, isNew: boolean): Promise<void> {
      const [user, ...others] = present();
      expect(others).toEqual([]);
      expect(user).toMatchObject({ userName: LOGIN, state: 'active', externalId: ANN, title: 'Boss' });
      expect(user?.id === old.genesysId).toBe(!isNew);
      expect(await bench.link()).toMatchObject({ genesysId: user?.id, active: true, written: { title: 'Boss' } });
      expect(await bench.audit()).toMatchObject([
        {
          ...{ anchor: ANN, kind: 'create', step: '', genesysId: user?.id },
          before: { id: old.genesysId, title: 'Boss' },
          after: { id: user?.id, displayName: 'Ann Lee' },
        },
      ]);
      expect((await bench.change()).status).toBe('applied');
      expect(await bench.state.parked.list('corp')).toEqual([]);
    }

    describe.each([
      ['a new user', 'new-id', true],
      ['his own account brought back', 'same-id', false],
    ] as const)('ends with %s', (_, revival, isNew) => {
      beforeEach(() => bench.simulator.set({ revival }));

      test('by one POST; the history of the person stays', async () => {
        const old = await planAnew();
        expect(await bench.write()).toMatchObject({ outcome: 'applied' });
        await expectAnew(old, isNew);
        const ended = bench.simulator.log.length;
        expect(await bench.write()).toMatchObject({ outcome: 'applied' });
        expect(bench.simulator.log.length).toBe(ended);
        const trail = await bench.state.audit.ofAnchor('corp', ANN);
        expect(trail.map(({ runId, genesysId }) => [runId, genesysId])).toEqual([
          ['run-0', old.genesysId],
          ['run-1', (await bench.link()).genesysId],
        ]);
        expect((await bench.link()).writtenHash).toBe(old.writtenHash);
      });

      test('found by the next attempt where the answer was lost', async () => {
        const old = await planAnew();
        bench.simulator.set({ indexLagSeconds: 0 });
        bench.simulator.faults.add({ effect: AFTER_504, method: 'POST' });
        await expect(bench.write()).rejects.toThrow(ApplicationFailure);
        expect(await bench.write()).toMatchObject({ outcome: 'applied' });
        await expectAnew(old, isNew);
        expect(posts()).toBe(1);
      });

      test('recorded under its run where that was ended from outside', async () => {
        bench.minutesAgo = LONGER_THAN_A_REQUEST;
        const old = await planAnew();
        bench.simulator.set({ indexLagSeconds: 0 });
        bench.simulator.faults.add({ effect: AFTER_504, method: 'POST' });
        await expect(bench.write()).rejects.toThrow(ApplicationFailure);
        await bench.state.runs.open(runStart('run-2', { configHash: bench.settings.hash }));
        await bench.resolveUnfinished('run-2');
        await expectAnew(old, isNew);
        expect(posts()).toBe(1);
      });

      test('by a second POST where the first was lost, although filters still show the deleted one', async () => {
        bench.minutesAgo = 2;
        const old = await planAnew();
        bench.simulator.faults.add({ effect: BEFORE_500, method: 'POST' });
        await expect(bench.write()).rejects.toThrow(ApplicationFailure);
        bench.minutesAgo = 0;
        expect(await bench.write()).toMatchObject({ outcome: 'applied' });
        await expectAnew(old, isNew);
        expect(posts()).toBe(2);
      });

      test('to whom others point; where he is another one they are compared anew', async () => {
        await planAnew();
        const { writtenHash } = await linkAt(bench.state, OLD);
        await bench.write();
        expect((await linkAt(bench.state, OLD)).writtenHash).toBe(isNew ? '' : writtenHash);
        expect((await bench.link()).writtenHash).not.toBe('');
      });
    });

    test('leaves what a brought back account does not show as asked for to the next run', async () => {
      const old = await planAnew(null);
      expect(await bench.write()).toMatchObject({ outcome: 'applied' });
      expect(present()).toMatchObject([{ id: old.genesysId, title: 'Boss' }]);
      // Still as Rollcall's own value, so that it is taken away.
      const link = await bench.link();
      expect(link).toMatchObject({ writtenHash: '', version: null, written: { title: 'Boss', externalId: ANN } });
    });

    test("is parked when another deleted account comes back, and the person's link stays", async () => {
      const old = await planAnew();
      const [other] = bench.simulator.seed([{ userName: LOGIN, displayName: 'Somebody else', state: 'deleted' }]);
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'identity.revived', new RegExp(other?.id ?? 'nobody'));
      expect(await bench.link()).toEqual(old);
      expect(await bench.audit()).toMatchObject([{ step: 'revived', genesysId: other?.id }]);
    });

    describe('is void once he is restored', () => {
      const restore = ({ genesysId }: Link) => bench.simulator.edit(genesysId, { state: 'active' });
      async function expectLeftAlone(old: Link): Promise<void> {
        expect(await bench.change()).toMatchObject({ status: 'superseded', outcome: { message: /was restored/ } });
        expect(await bench.link()).toEqual(old);
        expect(await bench.audit()).toEqual([]);
      }

      test('before it is sent', async () => {
        const old = await planAnew();
        restore(old);
        expect(await bench.write()).toMatchObject({ outcome: 'superseded' });
        expect(posts()).toBe(0);
        await expectLeftAlone(old);
      });

      test('while it is on its way', async () => {
        const old = await planAnew();
        bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'POST' });
        const write = bench.write();
        await until('the POST is on its way', () => bench.simulator.faults.hanging === 1);
        restore(old);
        bench.simulator.faults.release();
        expect(await write).toMatchObject({ outcome: 'superseded' });
        await expectLeftAlone(old);
      });
    });

    test('is parked when a stranger has the login by then', async () => {
      const old = await planAnew();
      bench.simulator.seed([{ userName: LOGIN, displayName: 'A stranger' }]);
      expect(await bench.write()).toMatchObject({ outcome: 'parked' });
      await expectParked(ANN, 'identity.login-taken', /whom Rollcall does not manage; the next full run/);
      expect(await bench.link()).toEqual(old);
    });

    test('or the adoption of another user moves the link', async () => {
      const { genesysId } = await planAnew();
      const [stranger] = bench.simulator.seed([{ userName: LOGIN, displayName: 'A. Lee' }]);
      const adoption = { kind: 'adopt', genesysId: stranger?.id ?? '', desired: titled('Boss') } as const;
      await bench.plan([changeOf(adoption)], 'run-2');
      expect(await bench.write({ runId: 'run-2' })).toMatchObject({ outcome: 'applied' });
      expect(await bench.link()).toMatchObject({ genesysId: stranger?.id, active: true, written: { title: 'Boss' } });
      const moved = { before: { id: genesysId }, after: { id: stranger?.id, title: 'Boss' } };
      expect(await bench.audit('run-2')).toMatchObject([{ kind: 'adopt', ...moved }]);
      expect((await linkAt(bench.state, OLD)).writtenHash).toBe('');
    });
  });

  describe('a user whose login or link goes to somebody else while a run on one person writes him', () => {
    const ON_OLD = { mode: 'provision', workflowId: 'rollcall:corp:provision:old' } as const;
    type Succession = 'recycle' | 'rebind';

    /** The run of the sync gives his user to Ann; the entry of the old one is back, and somebody asked for him at once. */
    async function planBoth(kind: Succession, before: 'active' | 'inactive' = 'active'): Promise<Link> {
      const link = await linkOldOne(bench);
      if (before === 'inactive') await leave(link);
      const old = await linkAt(bench.state, OLD);
      await bench.plan([kind === 'recycle' ? recycleOf(old) : rebindOf(old)]);
      await bench.plan([oldOneReturns(old)], 'run-old', ON_OLD);
      return old;
    }
    async function leave({ genesysId }: Link): Promise<void> {
      const operations: PatchOperation[] = [{ op: 'replace', path: 'active', value: false }];
      await bench.plan([changeOf({ kind: 'deactivate', anchor: OLD, genesysId, desired: null, operations })], 'run-a');
      await bench.write({ runId: 'run-a' });
      await bench.state.runs.close('run-a', { outcome: 'completed', error: null, heldBatch: null });
    }
    const succeed = (kind: Succession, by?: Activities) => {
      const how = by === undefined ? {} : { by };
      return kind === 'recycle' ? bench.retire(how) : bench.write(how);
    };
    const returns = (by?: Activities) => bench.write({ runId: 'run-old', ...(by === undefined ? {} : { by }) });
    const change = (who: 'succession' | 'old') => bench.change(who === 'old' ? 'run-old' : 'run-1');

    /** The user is Ann's, or out of use, and has nothing of what the old one was to get. */
    async function expectSucceeded(kind: Succession, old: Link): Promise<void> {
      const [user] = bench.simulator.users();
      const retired = { userName: RETIRED_LOGIN, state: 'inactive', title: 'Agent' };
      const taken = { userName: LOGIN, state: 'active', title: 'Boss', externalId: ANN };
      expect(user).toMatchObject({ id: old.genesysId, ...(kind === 'recycle' ? retired : taken) });
      expect(await change('old')).toMatchObject({ status: 'superseded' });
    }

    /** The user is still the old one's, as his own run wrote him. */
    async function expectKept(old: Link): Promise<void> {
      const user = { id: old.genesysId, userName: LOGIN, state: 'active', title: 'Lead', externalId: OLD };
      expect(bench.simulator.users()).toMatchObject([user]);
      expect(await linkAt(bench.state, OLD)).toMatchObject({ genesysId: old.genesysId, active: true });
      expect(await change('succession')).toMatchObject({ status: 'superseded' });
    }

    /** The second attempt gets nowhere while the first has its request on the way. */
    async function expectOneAtATime(first: () => Promise<WriteResult>, second: () => Promise<WriteResult>) {
      bench.simulator.faults.add({ effect: { kind: 'hang' }, method: 'PATCH' });
      const begun = first();
      await until('the first is on its way', () => bench.simulator.faults.hanging === 1);
      const from = sent('PATCH').length;
      await expect(second()).rejects.toMatchObject({ type: 'state.busy', nextRetryDelay: 2_000 });
      expect(sent('PATCH')).toHaveLength(from);
      bench.simulator.faults.release();
      expect(await begun).toMatchObject({ outcome: 'applied' });
      expect(await second()).toMatchObject({ outcome: 'superseded' });
    }

    describe.each(['recycle', 'rebind'] as const)('a %s', (kind) => {
      test('on its way keeps him to itself, and he is not written afterwards', async () => {
        const old = await planBoth(kind);
        await expectOneAtATime(
          () => succeed(kind),
          () => returns(),
        );
        await expectSucceeded(kind, old);
      });

      test('waits for his own change on its way, and leaves him to him afterwards', async () => {
        const old = await planBoth(kind);
        await expectOneAtATime(
          () => returns(),
          () => succeed(kind),
        );
        await expectKept(old);
      });

      test.each(['active', 'inactive'] as const)(
        'made between plan and claim of his change leaves that void (%s)',
        async (was) => {
          const old = await planBoth(kind, was);
          const between = { take: async () => void (await succeed(kind)), observe: () => Promise.resolve() };
          await expect(returns(bench.activities({ pace: between }))).rejects.toMatchObject({ type: 'state.busy' });
          expect(await returns()).toMatchObject({ outcome: 'superseded' });
          await expectSucceeded(kind, old);
        },
      );

      test('is void where his own change was made between its plan and its claim', async () => {
        const old = await planBoth(kind);
        const between = { take: async () => void (await returns()), observe: () => Promise.resolve() };
        await expect(succeed(kind, bench.activities({ pace: between }))).rejects.toMatchObject({ type: 'state.busy' });
        expect(await succeed(kind)).toMatchObject({ outcome: 'superseded' });
        await expectKept(old);
      });
    });

    test('is linked to one person when two take him over at once', async () => {
      const [user] = bench.simulator.seed([{ userName: LOGIN, displayName: 'A. Lee' }]);
      const genesysId = user?.id ?? '';
      const other = desiredUser([owned('title', 'Other')], { anchor: OLD });
      await bench.plan([changeOf({ kind: 'adopt', genesysId, desired: desiredUser(IDENTITY) })]);
      await bench.plan([changeOf({ kind: 'adopt', anchor: OLD, genesysId, desired: other })], 'run-old', ON_OLD);
      await expectOneAtATime(
        () => bench.write(),
        () => returns(),
      );
      expect(await bench.state.links.byGenesysId('corp', genesysId)).toMatchObject({ anchor: ANN });
      expect(bench.simulator.users()).toMatchObject([{ externalId: ANN, title: null }]);
    });
  });

  describe('a user deleted in Genesys Cloud whom a write meets', () => {
    test.each([
      ['update', 'parked'],
      ['deactivate', 'superseded'],
    ] as const)('an %s is %s', async (kind, outcome) => {
      const { genesysId } = await bench.planPatch(kind);
      bench.simulator.edit(genesysId, { state: 'deleted' });
      expect(await bench.write()).toMatchObject({ outcome });
      const { status, outcome: told } = await bench.change();
      expect(status).toBe(outcome);
      expect(told?.message).toMatch(kind === 'update' ? /offers to make him anew/ : /nothing is left to deactivate/);
      const { correlationId } = bench.simulator.log.at(-1) ?? {};
      expect((await bench.state.parked.list('corp')).map((row) => row.correlationId)).toEqual(
        kind === 'update' ? [correlationId] : [],
      );
    });
  });
});
