const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A whole number and a unit: seconds, minutes, hours or days. */
export const DURATION = /^\d{1,9}[smhd]$/;

/** What is said about anything else. */
export const DURATION_FORM = 'must be a whole number with s, m, h or d, such as 3m or 24h.';

/** Milliseconds of a duration that fits {@link DURATION}. */
export function milliseconds(duration: string): number {
  return Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? NaN);
}
