import { createColors } from 'picocolors';

/** Colour on a terminal alone, and not where NO_COLOR asks for none; `CI`, which picocolors takes for a yes, is no wish for it. */
export const pc = createColors(process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '');
