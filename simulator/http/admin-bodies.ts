import type { FaultRule, Outage } from '../faults.ts';
import { z } from 'zod';

const when = z.enum(['before', 'after']).exactOptional();
const milliseconds = z.number().nonnegative();

const effect = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    when,
    retryAfter: z.number().nonnegative().exactOptional(),
    code: z.string().exactOptional(),
    message: z.string().exactOptional(),
    scim: z.boolean().exactOptional(),
    scimType: z
      .enum([
        ...(['invalidFilter', 'tooMany', 'uniqueness', 'mutability', 'invalidSyntax'] as const),
        ...(['invalidPath', 'noTarget', 'invalidValue', 'invalidVers', 'sensitive'] as const),
      ])
      .exactOptional(),
  }),
  z.strictObject({ kind: z.literal('hang'), when, ms: milliseconds.exactOptional() }),
  z.strictObject({ kind: z.literal('slow'), ms: milliseconds }),
  z.strictObject({ kind: z.literal('reset'), when }),
  z.strictObject({
    kind: z.literal('malformed'),
    body: z.enum(['json', 'html']),
    when,
    status: z.int().min(200).max(599).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('revoke-tokens') }),
]);

const rule = z.strictObject({
  effect,
  on: z.enum(['api', 'token']).exactOptional(),
  method: z.string().exactOptional(),
  path: z.string().exactOptional(),
  userName: z.string().exactOptional(),
  nth: z.int().positive().exactOptional(),
  count: z.int().positive().nullable().exactOptional(),
});

const outage = z.strictObject({ outage: z.enum(['refused', 'reset', 'unavailable']).nullable() });
const clockStep = z.strictObject({ advanceMs: milliseconds });

/** Reads a fault rule that came as JSON. @throws Error that names what is wrong */
export function readRule(json: unknown): FaultRule {
  return read(rule, json);
}

export function readOutage(json: unknown): Outage | null {
  return read(outage, json).outage;
}

/** Milliseconds to move the clock forward. */
export function readClockStep(json: unknown): number {
  return read(clockStep, json).advanceMs;
}

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (!result.success) throw new Error(z.prettifyError(result.error));
  return result.data;
}
