/**
 * `npm run benchmark -- scale|pace|urgent [options]`: measures what the pages claim about size and pace, on real servers and
 * the simulator, and prints it. Exit status 1 when a claim does not hold, 2 for wrong arguments.
 */
import { setUp } from '../support/set-up.ts';
import { parseArguments, UsageError, type Arguments } from './arguments.ts';
import { print, type Finding } from './finding.ts';
import { measurePace } from './pace.ts';
import { measureScale } from './scale.ts';
import { measureUrgent } from './urgent.ts';

function measure(asked: Arguments): Promise<Finding> {
  switch (asked.what) {
    case 'scale':
      return measureScale(asked);
    case 'pace':
      return measurePace(asked);
    case 'urgent':
      return measureUrgent(asked);
  }
}

/** Ends waiting after the limit; what was started is taken down by `main` in either case. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The benchmark was not done within ${limitMs / 60_000} minutes; give it longer with --limit.`;
    timer = setTimeout(() => reject(new Error(message)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function main(): Promise<number> {
  const asked = parseArguments(process.argv.slice(2));
  const stop = await setUp();
  try {
    const finding = await within(asked.limitMs, measure(asked));
    print(finding);
    return finding.faults.length === 0 ? 0 : 1;
  } finally {
    await stop();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
