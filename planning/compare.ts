import { memberOf } from '../model/scim-path.ts';
import type { AttributePath } from '../model/scim-path.ts';
import type { Scalar, ScimValue } from '../model/user.ts';

type Spelling = (text: string) => string;

const asIs: Spelling = (text) => text;
const ignoringCase: Spelling = (text) => text.toLowerCase();

/** How texts of an attribute are spelled before they are compared; attribute names in lower case. */
const SPELLINGS: Record<string, Spelling> = {
  username: ignoringCase,
  emails: ignoringCase,
  // Genesys Cloud takes E.164 numbers and tel URIs for the same thing.
  phonenumbers: (text) => text.replace(/^tel:/i, ''),
  // Genesys Cloud accepts any ISO 8601 time and gives back the date alone.
  datehire: (text) => /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0] ?? text,
};

/**
 * Whether a found value already is what is wanted. Objects are compared on the members that the wanted one has, lists
 * on the items that the wanted one has (what others added does not count), and `$ref` never.
 */
export function sameValue(path: AttributePath, wanted: ScimValue, found: ScimValue | null): boolean {
  const name = path.attribute.toLowerCase();
  const spelling = Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined;
  return same(spelling ?? asIs, wanted, found);
}

/** Whether a value is a JSON object, neither list nor scalar. */
export function isObject(value: unknown): value is { readonly [name: string]: ScimValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(spelling: Spelling, wanted: ScimValue, found: unknown): boolean {
  if (isObject(wanted)) {
    if (!isObject(found)) return false;
    const members = Object.entries(wanted).filter(([name]) => name !== '$ref');
    return members.every(([name, value]) => same(spelling, value, memberOf(found, name)));
  }
  if (typeof wanted === 'object') {
    if (!Array.isArray(found)) return false;
    const items: unknown[] = found;
    return wanted.every((item) => items.some((other) => same(spelling, item, other)));
  }
  return sameScalar(spelling, wanted, found);
}

function sameScalar(spelling: Spelling, wanted: Scalar, found: unknown): boolean {
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return false;
  if (typeof wanted === 'string' && typeof found === 'string') return spelling(wanted) === spelling(found);
  if (typeof wanted === 'boolean' || typeof found === 'boolean') {
    return String(wanted).toLowerCase() === String(found).toLowerCase();
  }
  return wanted !== '' && found !== '' && Number(wanted) === Number(found);
}
