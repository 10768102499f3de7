import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, in this order; what takes long and begins last is waited for alone. */
const LONGEST = [
  'full-runs-identity',
  'guards',
  'demo',
  'lock',
  'commands',
  'full-runs-held',
  'resets',
  'links-by-hand',
  'crash-worker',
  'first-run',
  'delta',
  'full-runs-lifecycle',
  'kill-matrix',
  'look-back',
  'full-runs-failed-reads',
  'encryption',
  'restored-state',
  'dry-run',
  'identity',
  'recycle',
  'pause',
  'provision-user',
  'bad-input-genesys',
  'bad-input-directory',
  'executions',
];

/** Sorts as Vitest does, by what it knows of earlier runs or by size, but begins with the files that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}

function group({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.indexOf(basename(moduleId, '.test.ts'));
  return place === -1 ? LONGEST.length : place;
}
