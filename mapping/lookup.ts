import type { Scalar } from '../model/user.ts';
import { fault } from './fault.ts';
import type { Transform } from './mapping.ts';
import { didYouMean } from './suggest.ts';

/**
 * `{ lookup: { Sales: Vertrieb }, default: Other }`: keys compare ignoring case, as directories do. Without `default` a
 * value that is not in the table is invalid; `default: null` makes it empty.
 */
export function compileLookup(source: object, where: string): Transform {
  const { lookup, default: otherwise } = source as { lookup?: unknown; default?: unknown };
  const unknown = Object.keys(source).find((key) => key !== 'lookup' && key !== 'default');
  if (unknown !== undefined) fault(`${where}.${unknown}`, `is unknown${didYouMean(unknown, ['lookup', 'default'])}`);
  if (otherwise !== undefined && otherwise !== null && !isScalar(otherwise)) {
    fault(`${where}.default`, 'must be a text, a number, true, false or null.');
  }
  const table = readTable(lookup, `${where}.lookup`);
  return (value) => {
    const found = table.get(String(value).toLowerCase()) ?? otherwise;
    return found === undefined ? { invalid: 'is not in the lookup table, which has no default' } : { value: found };
  };
}

function readTable(source: unknown, where: string): Map<string, Scalar> {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    fault(where, 'must be a table of directory values and what they become.');
  }
  const table = new Map<string, Scalar>();
  for (const [key, value] of Object.entries(source)) {
    if (!isScalar(value)) fault(`${where}.${key}`, 'must be a text, a number, true or false.');
    if (table.has(key.toLowerCase())) fault(`${where}.${key}`, 'stands in the table twice; case makes no difference.');
    table.set(key.toLowerCase(), value);
  }
  return table;
}

export function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}
