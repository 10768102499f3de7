import { hostname } from 'node:os';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { RedactedSecret } from '../config/secret.ts';
import { EncryptionCodec } from '../temporal/encryption-codec.ts';
import {
  KEPT_KEY,
  keptNames,
  membersNamed,
  payloadsIn,
  readKept,
  workflowIdOf,
  type KeptEvent,
  type KeptHistory,
} from './support/kept-histories.ts';
import { workflowBundlePath } from './support/temporal.ts';

/** What has to be among the kept histories: every way a workflow can end. */
const NEEDED = [
  'applied',
  'several-kinds',
  'adopted-and-reactivated',
  'held',
  'approved',
  'approval-approved',
  'approval-rejected',
  'approval-expired',
  'dry-run',
  'delta',
  'scheduled-full',
  'scheduled-skipped',
  'parked',
  'retry-failed',
  'cancelled',
  'after-termination',
  'failed-credentials',
  'failed-directory',
  'provision',
  'provision-dry-run',
  'provision-unknown',
  'recycled',
  'recycled-user',
  'retired',
  'retired-user',
  'continued-first',
  'continued-last',
  'paused',
  'paused-slice-2',
  'reset',
  'reset-slice-2',
  'encrypted',
  'encrypted-slice-1',
  'applied-slice-1',
  'parked-slice-1',
  'cancelled-slice-1',
  'failed-credentials-slice-1',
];
const NAMES = keptNames();

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

/** Decrypts what was kept encrypted; the other histories are read as they are. */
const KEYS = {
  active: KEPT_KEY.id,
  keys: [{ id: KEPT_KEY.id, secret: new RedactedSecret(() => KEPT_KEY.secret) }],
};

function replay(history: KeptHistory): Promise<void> {
  const workflowBundle = { codePath: workflowBundlePath() };
  return Worker.runReplayHistory(
    { workflowBundle, dataConverter: { payloadCodecs: [new EncryptionCodec(KEYS)] } },
    history,
    workflowIdOf(history),
  );
}

/** The same history with the nth activity of that name called something else. */
function altered(history: KeptHistory, activity: string): KeptHistory {
  const text = JSON.stringify(history.events.map((event) => renamed(event, activity)));
  return { events: JSON.parse(text) as KeptEvent[] };
}

function renamed(event: KeptEvent, activity: string): KeptEvent {
  const scheduled = event['activityTaskScheduledEventAttributes'] as { activityType: { name: string } } | undefined;
  if (scheduled?.activityType.name !== activity) return event;
  return { ...event, activityTaskScheduledEventAttributes: { ...scheduled, activityType: { name: 'somethingElse' } } };
}

describe('the workflows as they are now', () => {
  test('are tried on every way a workflow can end', () => {
    expect(NEEDED.filter((name) => !NAMES.includes(name))).toEqual([]);
  });

  test.each(NAMES)('follow the kept history %s', async (name) => {
    await expect(replay(readKept(name))).resolves.toBeUndefined();
  });

  test.each([
    ['applied', 'readDirectory'],
    ['applied-slice-1', 'createUser'],
    ['recycled-user', 'retireUser'],
    ['approval-approved', 'decideBatch'],
  ])('do not follow %s when another activity than %s stands in it', async (name, activity) => {
    const history = readKept(name);
    await expect(replay(altered(history, activity))).rejects.toThrow(DeterminismViolationError);
  });
});

describe('the kept histories', () => {
  test('tell nothing of real people or of the machine that recorded them', () => {
    for (const name of NAMES) {
      const history = readKept(name);
      const text = [JSON.stringify(history), ...payloadsIn(history)].join('\n');
      const addresses = text.match(/[\w.+-]+@[\w-]+\.[\w.-]*\w/g) ?? [];
      expect(addresses.filter((address) => !address.endsWith('@corp.example'))).toEqual([]);
      expect({ name, host: text.includes(`@${hostname()}`) }).toEqual({ name, host: false });
      const identities = membersNamed(history, 'identity').filter((identity) => identity !== 'left out');
      expect(identities).toEqual([]);
    }
  });
});
