/**
 * Makes the kept histories anew, from real runs of the workflows as they are now:
 *
 *     node --import tsx test/support/record-histories.ts
 *
 * With names of scenarios behind it, it adds the histories of those and leaves all others as they are.
 *
 * Only a change of the workflows' code that histories of running workflows cannot follow needs that; a version that has
 * been released keeps its histories, and its code branches by `patched`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunReport } from '../../model/run.ts';
import { setUp } from './set-up.ts';
import { fetchHistory, forgetKept, keep, KEPT_KEY, keptNames } from './kept-histories.ts';
import { crowd } from './crowd.ts';
import { Recording } from './recording.ts';
import { MAIL_DOMAIN, startOpenLdapStaff } from './staff-directory.ts';
import { connectTemporal } from './temporal.ts';
import { until } from './until.ts';

/** The first people of every scenario: two waves. */
const PEOPLE = 8;
/** Long enough for a slice to hear that its run is paused. */
const STANDSTILL_MS = 3_000;
const BAD_REQUEST = { kind: 'status', status: 400, scimType: 'invalidValue' } as const;

/** Every kind of change, a parked one, its retry, and a dry run. */
async function everyday(recording: Recording): Promise<void> {
  const { stage, staff, unit } = recording;
  await staff.add(unit, crowd(PEOPLE));
  await recording.keepRun('applied', await recording.play('start-sync'));

  await staff.change(recording.dn('agent006'), { title: 'Boss' });
  await staff.setEnabled(recording.dn('agent007'), false);
  await recording.add('newcomer');
  await recording.keepRun('several-kinds', await recording.play('start-sync'));

  await staff.setEnabled(recording.dn('agent007'), true);
  await recording.add('known');
  const externalId = await recording.anchor('known');
  stage.simulator.seed([{ userName: `known@${MAIL_DOMAIN}`, displayName: 'Agent known of old', externalId }]);
  await recording.keepRun('adopted-and-reactivated', await recording.play('start-sync'));

  await recording.add('refused');
  stage.simulator.faults.add({ effect: BAD_REQUEST, method: 'POST' });
  await recording.keepRun('parked', await recording.play('start-sync'));
  await recording.keepRun('retry-failed', await recording.play('retry-failed'));

  await recording.add('later');
  await recording.keepRun('dry-run', await recording.play('start-sync', '--dry-run'));
}

/** What a person decides about. */
async function decisions(recording: Recording): Promise<void> {
  await recording.staff.add(recording.unit, crowd(PEOPLE));
  const held = await recording.play('start-sync');
  await recording.keepRun('held', held);
  await recording.keepRun('approved', await recording.play('approve', '--plan', held.heldBatch ?? ''));
  await recording.keepApproval('approval-approved', held.heldBatch);

  await recording.add('newcomer');
  const { heldBatch } = await recording.play('start-sync');
  await recording.stage.rollcall.run('reject', '--plan', heldBatch ?? '', '--actor', 'alice');
  await recording.approval(heldBatch).result();
  await recording.keepApproval('approval-rejected', heldBatch);
}

async function expiry(recording: Recording): Promise<void> {
  await recording.add('newcomer');
  const { heldBatch } = await recording.play('start-sync');
  await recording.approval(heldBatch).result();
  await recording.keepApproval('approval-expired', heldBatch);
}

/** What schedules start, and what they leave when another run is going on. */
async function schedules(recording: Recording): Promise<void> {
  const { faults } = recording.stage.simulator;
  await recording.add('first');
  const full = await recording.fire('full', '2026-11-23T02:00:00Z');
  await full.result();
  keep('scheduled-full', await fetchHistory(full));

  await recording.add('second');
  faults.add({ effect: { kind: 'hang' }, method: 'POST' });
  const run = recording.play('start-sync', '--mode', 'delta');
  await until('the run is in its middle', () => faults.hanging === 1);
  const delta = await recording.fire('delta', '2026-11-23T02:15:00Z');
  await delta.result();
  keep('scheduled-skipped', await fetchHistory(delta));
  faults.release();
  await recording.keepRun('delta', await run);
}

/** Ends that nobody wants. */
async function stops(recording: Recording): Promise<void> {
  const { simulator } = recording.stage;
  const { faults } = simulator;
  await recording.staff.add(recording.unit, crowd(60));
  // In the second wave, so that its outcome is unknown when the run is cancelled.
  faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'POST', nth: 8 });
  faults.add({ effect: { kind: 'slow', ms: 1_000 }, method: 'POST', count: null });
  const run = recording.play('start-sync');
  await until('a few are there', () => simulator.counts().users.active >= 10);
  await recording.run().cancel();
  await recording.keepRun('cancelled', await run);

  faults.clear();
  faults.release();
  faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'POST' });
  const ended = recording.play('start-sync');
  await until('a request hangs', () => faults.hanging > 0);
  await recording.run().terminate();
  await ended;
  await recording.keepRun('after-termination', await recording.play('start-sync'));

  await recording.add('refused');
  simulator.set({ clientSecret: 'another' });
  faults.add({ effect: { kind: 'revoke-tokens' }, method: 'POST' });
  await recording.keepRun('failed-credentials', await recording.play('start-sync'));
  await recording.staff.slapd.kill();
  await recording.keepRun('failed-directory', await recording.play('start-sync'));
}

/** Runs on one person. */
async function onePerson(recording: Recording): Promise<void> {
  await recording.staff.add(recording.unit, crowd(1));
  await recording.play('start-sync');
  await recording.add('newcomer');
  await recording.keepRun('provision', await recording.play('provision-user', `newcomer@${MAIL_DOMAIN}`));
  await recording.keepRun('provision-unknown', await recording.play('provision-user', `nobody@${MAIL_DOMAIN}`));
  await recording.keepRun(
    'provision-dry-run',
    await recording.play('provision-user', recording.dn('agent001'), '--dry-run'),
  );
}

/** Logins that come back: one with another person, one with the same person under another anchor. */
async function recycled(recording: Recording): Promise<void> {
  const { staff, unit } = recording;
  const comes = (login: string, number: string) => staff.add(unit, [{ login, name: `Agent ${login}`, number }]);
  await comes('another', '1');
  await comes('same', '2');
  await recording.play('start-sync');
  for (const login of ['another', 'same']) await staff.remove(recording.dn(login));
  await comes('another', '3');
  await comes('same', '2');
  const run = await recording.play('start-sync');
  await recording.keepRun('recycled', run);
  await recording.keepRecycle('recycled-user', run, await recording.anchor('another'));
}

/** A login of somebody who is gone, for somebody who has a user already. */
async function retired(recording: Recording): Promise<void> {
  const { staff, unit } = recording;
  await staff.add(unit, [
    { login: 'gone', name: 'Agent gone', number: '1' },
    { login: 'heir', name: 'Agent heir', number: '2' },
  ]);
  const gone = await recording.anchor('gone');
  await recording.play('start-sync');
  await staff.remove(recording.dn('gone'));
  await staff.change(recording.dn('heir'), { mail: `gone@${MAIL_DOMAIN}` });
  const run = await recording.play('start-sync');
  await recording.keepRun('retired', run);
  await recording.keepRecycle('retired-user', run, gone);
}

/** A run of several executions. */
async function continued(recording: Recording): Promise<void> {
  await recording.staff.add(recording.unit, crowd(PEOPLE));
  const first = await recording.startInPieces();
  await recording.run().result();
  keep('continued-first', await fetchHistory(recording.run(first)));
  keep('continued-last', await fetchHistory(recording.run()));
}

/** A run that stands still for a while. */
async function paused(recording: Recording): Promise<void> {
  const run = await begun(recording);
  await recording.run().signal('pause', { actor: 'alice' });
  await sleep(STANDSTILL_MS);
  await recording.run().signal('resume');
  await recording.keepRun('paused', await run.ended);
}

/** A run that is reset while a slice of it goes on. */
async function resetRun(recording: Recording): Promise<void> {
  const run = await begun(recording);
  await recording.reset();
  await recording.keepRun('reset', await run.ended);
}

/** A run in the middle of its second slice. */
async function begun(recording: Recording): Promise<{ ended: Promise<RunReport> }> {
  const { simulator } = recording.stage;
  await recording.staff.add(recording.unit, crowd(60));
  simulator.faults.add({ effect: { kind: 'slow', ms: 1_000 }, method: 'POST', count: null });
  const ended = recording.play('start-sync');
  await until('a few are there', () => simulator.counts().users.active >= PEOPLE);
  return { ended };
}

/** A run whose values Temporal keeps encrypted. */
async function encrypted(recording: Recording): Promise<void> {
  await recording.staff.add(recording.unit, crowd(2));
  await recording.keepRun('encrypted', await recording.play('start-sync'));
}

const WITH_KEY = { keys: { [KEPT_KEY.id]: KEPT_KEY.secret }, active: KEPT_KEY.id };

/** `safety` and others: sections of the configuration; without, a first run is applied. */
const SCENARIOS: { name: string; configuration?: Record<string, unknown>; scenario: typeof everyday }[] = [
  { name: 'Everyday', scenario: everyday },
  {
    name: 'Decisions',
    configuration: { safety: { firstRun: 'hold', creates: { floor: 0, percent: 0 } } },
    scenario: decisions,
  },
  { name: 'Expiry', configuration: { safety: { firstRun: 'hold', approvalTimeout: '1s' } }, scenario: expiry },
  { name: 'Schedules', scenario: schedules },
  { name: 'Stops', configuration: { safety: { firstRun: 'apply', creates: { floor: 500 } } }, scenario: stops },
  { name: 'OnePerson', scenario: onePerson },
  { name: 'Recycled', scenario: recycled },
  { name: 'Retired', scenario: retired },
  { name: 'Continued', scenario: continued },
  { name: 'Paused', scenario: paused },
  { name: 'Reset', scenario: resetRun },
  { name: 'Encrypted', configuration: { encryption: WITH_KEY }, scenario: encrypted },
];

async function record(): Promise<void> {
  const stop = await setUp();
  const staff = await startOpenLdapStaff();
  const temporal = await connectTemporal();
  const studio = { staff, temporal };
  try {
    const wanted = process.argv.slice(2);
    if (wanted.length === 0) forgetKept();
    for (const { name, configuration = {}, scenario } of SCENARIOS) {
      if (wanted.length === 0 || wanted.includes(name)) await Recording.make(studio, name, configuration, scenario);
    }
    process.stdout.write(`kept ${keptNames().length} histories\n`);
  } finally {
    await temporal.close();
    await staff.stop();
    await stop();
  }
}

await record();
