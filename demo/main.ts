import { parseArgs } from 'node:util';
import { RollcallError } from '../model/errors.ts';
import { OtherwiseError } from './as-told.ts';
import { watchForInterruption, type Interruption } from './interruption.ts';
import { stayOpen } from './keep.ts';
import { say, step } from './narrate.ts';
import { Stage } from './stage.ts';
import { Tour } from './tour.ts';

/**
 * `npm run demo [-- --keep]`: the guided tour. Exit status 0 when everything went as told, 1 when not, 2 for wrong usage,
 * 128 and the signal's number when interrupted; in every case what it started is ended and removed.
 */
async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const interruption = watchForInterruption();
  try {
    const stage = await Stage.open(interruption.signal);
    try {
      await show(stage, options.keep, interruption);
    } finally {
      // The terminal has written ^C behind whatever was going on.
      if (interruption.signal.aborted) say();
      await step('ending and removing what was started', () => stage.close());
    }
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return interruption.exitStatus();
    throw error;
  }
}

async function show(stage: Stage, keep: boolean, { signal }: Interruption): Promise<void> {
  const started = performance.now();
  say('Rollcall: a guided tour on real parts. It takes about a minute; Ctrl-C ends it at any time.');
  await new Tour(stage, signal).run();
  say(`\nThat was the tour, ${Math.round((performance.now() - started) / 1000)} seconds; everything went as told.`);
  if (keep) await stayOpen(stage, signal);
  else say('To look further: `npm run demo -- --keep` leaves everything running. README.md says how to go on.');
}

function readOptions(): { keep: boolean } | null {
  try {
    const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
    return values;
  } catch {
    process.stderr.write('Usage: npm run demo [-- --keep]\n');
    return null;
  }
}

/** One sentence: those made for people as they are, others marked. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof RollcallError || error instanceof OtherwiseError ? text : `Unexpected: ${text}`;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  },
);
