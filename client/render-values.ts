import type { ChangeKind, ChangeStep, Values } from '../model/change.ts';
import type { ScimValue } from '../model/user.ts';
import { pc } from './colours.ts';

/** One attribute of a change, as people read it. */
export interface ShownDifference {
  /** The attribute without its schema's URN. */
  name: string;
  /** Null where the change had no state before (a create). */
  before: string | null;
  after: string;
}

/** What a change does to each attribute, by name; what it leaves as it was is nothing to show. */
export function differences(before: Values | null, after: Values | null): ShownDifference[] {
  const paths = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();
  const shown = paths.map((path) => ({
    name: shortPath(path),
    before: before === null ? null : showValue(before[path] ?? null),
    after: showValue(after?.[path] ?? null),
  }));
  return shown.filter((one) => one.before !== one.after);
}

/** The same as indented lines for a terminal. */
export function differenceLines(before: Values | null, after: Values | null): string[] {
  return differences(before, after).map((one) => {
    const arrow = one.before === null ? '' : `${pc.red(one.before)} -> `;
    return `    ${pc.dim(one.name)}: ${arrow}${pc.green(one.after)}`;
  });
}

/** What was done, in words: a recycle takes two steps. */
export function changeName({ kind, step }: { kind: ChangeKind; step: ChangeStep }): string {
  return step === '' ? kind : `${kind} (${step})`;
}

export function shortPath(path: string): string {
  return path.replace(/^urn:.*:/, '');
}

export function showValue(value: ScimValue | null): string {
  if (value === null) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
