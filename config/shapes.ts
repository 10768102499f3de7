import { fail } from './fault.ts';

const RDN_PART = /^\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*(?:[^\\]|\\.)+$/s;

/** Whether a text has the shape of a DN (RFC 4514): `attribute=value` parts, joined by commas or plus signs. */
export function isDn(text: string): boolean {
  const parts = text.match(/(?:[^\\,+]|\\.)+|[,+]/gs) ?? [];
  return (
    parts.length % 2 === 1 &&
    parts.every((part, index) => (index % 2 === 1 ? /^[,+]$/.test(part) : RDN_PART.test(part)))
  );
}

/** A bind name: a DN, or on Active Directory `user@domain` or `DOMAIN\user`. */
export function checkBindName(name: string, key: string): void {
  if (isDn(name) || /^[^@\s]+@[^@\s]+$/.test(name) || /^[^\\@=,]+\\[^\\@=,]+$/.test(name)) return;
  fail(key, 'must be a DN such as cn=reader,dc=example, or on Active Directory user@domain or DOMAIN\\user.');
}

export function checkDn(dn: string, key: string): void {
  if (!isDn(dn)) fail(key, 'must be a DN such as OU=Agents,DC=corp,DC=example; commas inside a value are written \\,.');
}

/** Refuses what no server would take as a search filter (RFC 4515): brackets that do not pair up, or none. */
export function checkFilter(filter: string, key: string): void {
  const text = filter.trim();
  if (!text.startsWith('(')) fail(key, 'must stand in brackets, such as (objectCategory=person).');
  let depth = 0;
  [...text].forEach((character, index) => {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && index < [...text].length - 1)) {
      fail(key, 'must be one filter: join several as (&(a=b)(c=d)); a bracket inside a value is written \\28 or \\29.');
    }
  });
  if (depth > 0) fail(key, `lacks ${depth === 1 ? 'a closing bracket' : `${depth} closing brackets`}.`);
  for (const [, inner = ''] of text.matchAll(/\(([^()]*)\)/g)) checkComparison(inner, key);
}

const COMPARISON = /^\s*[\w;.-]*(?::dn)?(?::[\w.-]+)?\s*(?::|[<>~])?=/i;

/** The innermost brackets hold a comparison each; `(&)` and `(|)` are true and false (RFC 4526). */
function checkComparison(inner: string, key: string): void {
  if (/^\s*[&|]\s*$/.test(inner)) return;
  if (!COMPARISON.test(inner)) fail(key, `has (${inner}), which is no comparison: write it as (attribute=value).`);
  if (/\\(?![\da-f]{2})/i.test(inner)) {
    fail(key, 'has a backslash without two hex digits after it: the sign itself is written \\5c.');
  }
}

/** A pattern of first RDNs, such as `CN=svc-*`. */
export function checkRdnPattern(pattern: string, key: string): void {
  if (!/^[A-Za-z][\w-]*=.+$/s.test(pattern)) fail(key, 'must be a pattern of first RDNs, such as CN=svc-*.');
}

export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare);
}
