import type { RunReport } from '../../model/run.ts';
import { crowd } from '../support/crowd.ts';
import { MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from '../support/staff-directory.ts';
import { Stage } from '../support/stage.ts';
import { connectTemporal, type TemporalClient } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import type { UrgentArguments } from './arguments.ts';
import { seconds, type Finding } from './finding.ts';
import { stepsOf, type Step } from './steps.ts';

/** Of the OAuth client, as Genesys Cloud gives it. */
const REQUESTS_PER_MINUTE = 300;
/** What somebody waits at the most from the start of the run to its outcome. */
const MOST_MS = 5_000;
/** The bulk run goes on for at least so long, as long as its allowance lasts: 20 s with each person, however slow the machine is. */
const BULK_PER_PERSON = 100;
/** The bulk run is under way, with its backlog on the server, once it has created so many. */
const UNDER_WAY = 20;

interface Provisioned {
  ms: number;
  steps: Step[];
  fault: string | null;
}

/** How long `provision-user` takes beside a bulk run that has used up the allowance, one person after the other. */
export async function measureUrgent({ times }: UrgentArguments): Promise<Finding> {
  const temporal = await connectTemporal();
  const staff = await startOpenLdapStaff();
  const unit = await staff.unit('People');
  const bulk = crowd(UNDER_WAY + times * BULK_PER_PERSON);
  await staff.load(unit, bulk);
  const requestsPerMinute = REQUESTS_PER_MINUTE;
  const stage = await Stage.open({
    directories: [staff.configuration([unit])],
    target: { requestsPerMinute },
    simulator: { requestsPerMinute, rateLimitPer: 'client' },
  });
  try {
    const running = stage.sync();
    await until('the bulk run writes', () => stage.simulator.counts().users.active > UNDER_WAY);
    const provisioned: Provisioned[] = [];
    for (let n = 1; n <= times; n += 1) {
      provisioned.push(await provision({ stage, staff, unit, temporal }, `urgent${n}`));
    }
    const left = bulk.length + times - stage.simulator.counts().users.active;
    await stage.rollcall.run('cancel');
    await running;
    return findingOf(provisioned, left);
  } finally {
    await Promise.all([stage.close(), temporal.close(), staff.stop()]);
  }
}

interface Place {
  stage: Stage;
  staff: StaffDirectory;
  unit: string;
  temporal: TemporalClient;
}

async function provision({ stage, staff, unit, temporal }: Place, login: string): Promise<Provisioned> {
  await staff.add(unit, [{ login, name: `Urgent ${login}` }]);
  const { json } = await stage.play<RunReport>('provision-user', `${login}@${MAIL_DOMAIN}`, '--wait', '--json');
  const handle = temporal.client.workflow.getHandle(json.workflowId);
  const { startTime, closeTime } = await handle.describe();
  const created = json.changes.create.applied === 1;
  return {
    ms: (closeTime?.getTime() ?? Infinity) - startTime.getTime(),
    steps: await stepsOf(temporal.client, json.workflowId),
    fault: created ? null : `${login} was not created: ${json.error ?? json.outcome}.`,
  };
}

function findingOf(provisioned: Provisioned[], left: number): Finding {
  const sorted = provisioned.toSorted((a, b) => a.ms - b.ms);
  const slowest = sorted.at(-1);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const faults = provisioned.flatMap(({ fault }) => fault ?? []);
  if ((slowest?.ms ?? Infinity) > MOST_MS) faults.push(`Somebody waited longer than ${seconds(MOST_MS)}.`);
  if (left <= 0) faults.push('The bulk run ended before the last person was provisioned.');
  return {
    figures: [
      ['provision-user beside a bulk run, each', provisioned.map(({ ms }) => seconds(ms)).join(', ')],
      ['median, slowest', [median, slowest].map((one) => seconds(one?.ms ?? Infinity)).join(', ')],
      ['people the bulk run still had to create', String(left)],
    ],
    tables: [
      {
        head: ['step of the slowest', 'waited for a worker', 'took', 'ended after'],
        rows: (slowest?.steps ?? []).map(({ name, waitedMs, tookMs, endedMs }) => [
          name,
          seconds(waitedMs),
          seconds(tookMs),
          seconds(endedMs),
        ]),
      },
    ],
    faults,
  };
}
