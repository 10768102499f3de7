import { parseArgs } from 'node:util';
import { milliseconds } from '../../config/durations.ts';

export type Arguments = ScaleArguments | PaceArguments | UrgentArguments;

interface Limited {
  /** How long the whole benchmark may take. */
  limitMs: number;
}

export interface ScaleArguments extends Limited {
  what: 'scale';
  /** Everybody in the directory; each is created. */
  people: number;
}

export interface PaceArguments extends Limited {
  what: 'pace';
  /** Whole windows of a minute that are measured. */
  windows: number;
}

export interface UrgentArguments extends Limited {
  what: 'urgent';
  /** People provisioned, one after the other. */
  times: number;
}

/** Sentence for who typed something wrong. */
export class UsageError extends Error {}

const OPTIONS = {
  limit: { type: 'string', default: '30m' },
  people: { type: 'string', default: '20000' },
  windows: { type: 'string', default: '3' },
  times: { type: 'string', default: '10' },
} as const;
type Option = keyof typeof OPTIONS;

/** Options of each benchmark, besides `--limit`. */
const TAKES: Record<Arguments['what'], Option[]> = {
  scale: ['people'],
  pace: ['windows'],
  urgent: ['times'],
};

/** @throws UsageError for anything that is not understood */
export function parseArguments(args: string[]): Arguments {
  const { values, positionals, given } = parse(args);
  const [what = '', ...more] = positionals;
  if (!isBenchmark(what) || more.length > 0) {
    throw new UsageError(`Say what to measure: one of ${Object.keys(TAKES).join(', ')}.`);
  }
  const foreign = given.find((name) => name !== 'limit' && !TAKES[what].some((taken) => taken === name));
  if (foreign !== undefined) throw new UsageError(`The benchmark ${what} takes no --${foreign}.`);
  const limitMs = duration('limit', values.limit);
  switch (what) {
    case 'scale':
      return { what, limitMs, people: count('people', values.people) };
    case 'pace':
      return { what, limitMs, windows: count('windows', values.windows) };
    case 'urgent':
      return { what, limitMs, times: count('times', values.times) };
  }
}

function parse(args: string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true });
    return { values, positionals, given: tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])) };
  } catch (error) {
    // The first of Node's own sentences says what is wrong.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new UsageError(`${sentence?.replace(/\.$/, '')}.`);
  }
}

function isBenchmark(what: string): what is Arguments['what'] {
  return Object.hasOwn(TAKES, what);
}

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a number from 1 on, not ${text}.`);
}

function duration(name: string, text: string): number {
  if (/^[1-9]\d{0,4}[smh]$/.test(text)) return milliseconds(text);
  throw new UsageError(`--${name} takes a time such as 30s or 15m, not ${text}.`);
}
