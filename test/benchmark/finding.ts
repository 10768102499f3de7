import { availableParallelism, loadavg } from 'node:os';
import Table from 'cli-table3';

/** What a benchmark measured. */
export interface Finding {
  /** Figure by what it is the figure of, in the order in which they are to be read. */
  figures: [string, string][];
  /** Further tables: a head and its rows. */
  tables?: { head: string[]; rows: string[][] }[];
  /** Sentences about claims that do not hold; empty when all hold. */
  faults: string[];
}

/** Prints the figures with the load of the machine: a figure means little without it. */
export function print({ figures, tables = [], faults }: Finding): void {
  const load = loadavg().map((one) => one.toFixed(1));
  const machine = `${availableParallelism()} cores, load ${load.join(' ')} in the last 1, 5 and 15 minutes`;
  const all = [{ head: ['figure', ''], rows: [...figures, ['machine', machine]] }, ...tables];
  for (const { head, rows } of all) {
    const table = new Table({ head, style: { head: [], border: [] } });
    table.push(...rows);
    process.stdout.write(`${table.toString()}\n`);
  }
  for (const fault of faults) process.stdout.write(`WRONG: ${fault}\n`);
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
