import type { RequestLogEntry } from '../../simulator/start.ts';
import { crowd } from '../support/crowd.ts';
import { startOpenLdapStaff } from '../support/staff-directory.ts';
import { Stage } from '../support/stage.ts';
import type { PaceArguments } from './arguments.ts';
import type { Finding } from './finding.ts';

/** Of the OAuth client, as Genesys Cloud gives it; counted in windows of a minute. */
const ALLOWED = 300;
const WINDOW_MS = 60_000;
/** Of the allowance. */
const LEAST_SHARE = 0.97;
const WORKERS = 2;

/** How much of the allowance of one OAuth client two workers use together, over whole windows of the service. */
export async function measurePace({ windows }: PaceArguments): Promise<Finding> {
  const staff = await startOpenLdapStaff();
  const unit = await staff.unit('People');
  // The first window begins with the listing, before there is anything to write, and the last is only begun.
  const people = crowd(ALLOWED * (windows + 1) + 20);
  await staff.load(unit, people);
  const requestsPerMinute = ALLOWED;
  const stage = await Stage.open({
    directories: [staff.configuration([unit])],
    target: { requestsPerMinute },
    simulator: { requestsPerMinute, rateLimitPer: 'client' },
    workers: WORKERS,
  });
  try {
    const { json } = await stage.sync();
    const missing = people.length - json.changes.create.applied;
    return findingOf(stage.simulator.log, windows, missing);
  } finally {
    await Promise.all([stage.close(), staff.stop()]);
  }
}

function findingOf(log: readonly RequestLogEntry[], windows: number, missing: number): Finding {
  const requests = log.filter(({ on }) => on === 'api').map(({ at, status }) => ({ at: Date.parse(at), status }));
  const throttled = requests.filter(({ status }) => status === 429).length;
  const passed = requests.flatMap(({ at, status }) => (status === 429 ? [] : [at]));
  const begins = windowsOf(passed).slice(1, windows + 2);
  const inEach = begins.slice(1).map((end, n) => passed.filter((at) => at >= (begins[n] ?? end) && at < end).length);
  // What a window began too late counts as allowance, too.
  const minutes = ((begins.at(-1) ?? NaN) - (begins[0] ?? NaN)) / WINDOW_MS;
  const share = inEach.reduce((sum, one) => sum + one, 0) / (ALLOWED * minutes);
  const faults: string[] = [];
  if (inEach.length < windows) faults.push('There were fewer whole windows than were to be measured.');
  if (!(share >= LEAST_SHARE)) faults.push(`Less than ${LEAST_SHARE * 100} % of the allowance was used.`);
  if (throttled > 0) faults.push('Requests were refused with 429, by the fault of these workers alone.');
  if (missing > 0) faults.push(`${missing} people were not created.`);
  return {
    figures: [
      ['allowance', `${ALLOWED} requests a minute of one OAuth client, ${WORKERS} workers`],
      ['requests in each whole window', inEach.join(', ')],
      ['share of the allowance used', `${(share * 100).toFixed(1)} %`],
      ['requests refused with 429', String(throttled)],
    ],
    faults,
  };
}

/** When each window of the service began: with the first request after the end of the one before. */
function windowsOf(requests: readonly number[]): number[] {
  const begins: number[] = [];
  for (const at of requests) {
    const last = begins.at(-1);
    if (last === undefined || at >= last + WINDOW_MS) begins.push(at);
  }
  return begins;
}
