import { InvalidArgumentError } from 'commander';
import { DURATION, milliseconds } from '../config/durations.ts';

/** A whole number from 1 on. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Use a whole number from 1 on.');
  return value;
}

/** Milliseconds of a duration as the configuration spells it. */
export function duration(text: string): number {
  if (!DURATION.test(text)) throw new InvalidArgumentError('Use a whole number and a unit such as 30m, 24h or 7d.');
  return milliseconds(text);
}
