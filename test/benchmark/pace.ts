import type { RequestLogEntry } from '../../simulator/start.ts';
import { crowd } from '../support/crowd.ts';
import { startOpenLdapStaff } from '../support/staff-directory.ts';
import { Stage } from '../support/stage.ts';
import type { PaceArguments } from './arguments.ts';
import type { Finding } from './finding.ts';

/** Genesys Cloud's 300 requests a minute. */
const PER_SECOND = 5;
/** Of the allowance. */
const LEAST_SHARE = 0.97;

/** How much of the allowance of one OAuth client two workers use together, over whole windows of the service. */
export async function measurePace({ windowSeconds, windows }: PaceArguments): Promise<Finding> {
  const allowed = PER_SECOND * windowSeconds;
  const staff = await startOpenLdapStaff();
  const unit = await staff.unit('People');
  // The first window begins with the listing, and the last one ends early: neither is measured.
  const people = crowd(allowed * (windows + 2));
  await staff.add(unit, people);
  const stage = await Stage.open({
    directories: [staff.configuration([unit])],
    target: { requestsPerMinute: PER_SECOND * 60 },
    simulator: { requestsPerMinute: allowed, rateWindowSeconds: windowSeconds, rateLimitPer: 'client' },
    workers: 2,
  });
  try {
    const { json } = await stage.sync();
    const created = json.changes.create.applied;
    return findingOf(stage.simulator.log, { windowSeconds, windows, allowed, missing: people.length - created });
  } finally {
    await Promise.all([stage.close(), staff.stop()]);
  }
}

interface Expected {
  windowSeconds: number;
  windows: number;
  allowed: number;
  missing: number;
}

function findingOf(log: readonly RequestLogEntry[], { windowSeconds, windows, allowed, missing }: Expected): Finding {
  const requests = log.filter(({ on }) => on === 'api');
  const throttled = requests.filter(({ status }) => status === 429).length;
  const begins = windowsOf(requests, windowSeconds * 1_000);
  const measured = begins.slice(1, 2 + windows);
  const [from = NaN, to = NaN] = [measured[0], measured.at(-1)];
  const passed = requests.filter(({ at, status }) => status !== 429 && Date.parse(at) >= from && Date.parse(at) < to);
  const share = passed.length / ((PER_SECOND * (to - from)) / 1_000);
  const faults: string[] = [];
  if (!(share >= LEAST_SHARE)) faults.push(`Less than ${LEAST_SHARE * 100} % of the allowance was used.`);
  if (throttled > 0) faults.push('Requests were refused with 429, by nobody else than these workers.');
  if (missing > 0) faults.push(`${missing} people were not created.`);
  return {
    figures: [
      ['allowance', `${allowed} requests in ${windowSeconds} s, two workers`],
      ['requests in each window', measured.slice(0, -1).map((begin, n) => between(requests, begin, measured[n + 1])).join(', ')],
      ['share of the allowance used', `${(share * 100).toFixed(1)} %`],
      ['requests refused with 429', String(throttled)],
    ],
    faults,
  };
}

function between(requests: readonly RequestLogEntry[], from: number, to = Infinity): number {
  return requests.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to).length;
}

/** When each window of the service began: with the first request after the end of the one before. */
function windowsOf(requests: readonly RequestLogEntry[], lengthMs: number): number[] {
  const begins: number[] = [];
  for (const { at } of requests) {
    const time = Date.parse(at);
    const last = begins.at(-1);
    if (last === undefined || time >= last + lengthMs) begins.push(time);
  }
  return begins;
}
