import type { SimulatorOptions } from '../options.ts';
import { invalidValue, notFound } from '../refusal.ts';

/**
 * Whether a name or id that must exist does. Where it does not: false when such values are to be dropped silently.
 * @throws Refusal 400 invalidValue or 404, by the option `unknownReference`
 */
export function isUsable(what: string, name: string, known: readonly string[], options: SimulatorOptions): boolean {
  return exists(what, known.includes(name), options);
}

export function exists(what: string, found: boolean, options: SimulatorOptions): boolean {
  if (found) return true;
  if (options.unknownReference === 'drop') return false;
  const message = `The ${what} does not exist in the organization.`;
  throw options.unknownReference === '404' ? notFound(message) : invalidValue(message);
}
