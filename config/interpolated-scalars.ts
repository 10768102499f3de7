import type { z } from 'zod';
import { isObject } from './fault.ts';
import { isOnePlace } from './interpolate.ts';

type Path = readonly PropertyKey[];

/**
 * Environment variables and files are text. Where the schema wants a number, true or false and the whole value is one
 * `${NAME}` or `${file:PATH}`, what it holds is taken as that; whatever it cannot be taken as stays for the schema to
 * refuse.
 *
 * @param raw as written
 * @param filled the same after interpolation; changed in place
 * @returns whether anything was changed
 */
export function readScalars(raw: unknown, filled: unknown, issues: readonly z.core.$ZodIssue[]): boolean {
  const read = issues.filter((issue) => wantsScalar(issue) && readScalar(raw, filled, issue.path));
  return read.length > 0;
}

function wantsScalar(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_type') return ['number', 'int', 'boolean'].includes(issue.expected);
  return issue.code === 'invalid_union';
}

function readScalar(raw: unknown, filled: unknown, path: Path): boolean {
  const written = path.reduce(memberOf, raw);
  const holder = path.slice(0, -1).reduce(memberOf, filled);
  const [name] = path.slice(-1);
  if (typeof written !== 'string' || !isOnePlace(written) || name === undefined) return false;
  const value = scalarOf(String(memberOf(holder, name)).trim());
  if (value === null) return false;
  if (Array.isArray(holder) && typeof name === 'number') holder[name] = value;
  else if (isObject(holder)) holder[String(name)] = value;
  return true;
}

function scalarOf(text: string): number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

function memberOf(holder: unknown, name: PropertyKey): unknown {
  if (Array.isArray(holder)) return typeof name === 'number' ? (holder[name] as unknown) : undefined;
  return isObject(holder) ? holder[String(name)] : undefined;
}
