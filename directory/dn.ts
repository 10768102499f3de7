import { Filter } from 'ldapts';

/** One `type=value` of a relative distinguished name; the value unescaped, `#`-hex kept when it is no text. */
interface Assertion {
  type: string;
  value: string;
}

/** Other names of the types that stand in the DNs of people (RFC 4519); servers accept and return either. */
const SHORT_TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'cn',
  commonname: 'cn',
  '2.5.4.4': 'sn',
  surname: 'sn',
  '2.5.4.6': 'c',
  countryname: 'c',
  '2.5.4.7': 'l',
  localityname: 'l',
  '2.5.4.8': 'st',
  stateorprovincename: 'st',
  '2.5.4.10': 'o',
  organizationname: 'o',
  '2.5.4.11': 'ou',
  organizationalunitname: 'ou',
  '0.9.2342.19200300.100.1.1': 'uid',
  userid: 'uid',
  '0.9.2342.19200300.100.1.25': 'dc',
  domaincomponent: 'dc',
};

/** BER tags of the string types whose content is UTF-8 text: UTF8String, PrintableString, IA5String, OCTET STRING. */
const TEXT_TAGS: readonly number[] = [0x0c, 0x13, 0x16, 0x04];

/**
 * The DN in one spelling, so that DNs which a server takes as equal have equal keys: RFC 4514 escapes undone and spelled
 * again, types and values in lower case, insignificant spaces (RFC 4518) dropped, the parts of a multi-valued RDN sorted.
 * Unicode forms (NFC, NFD) stay apart, as they do in directories. Text that is no DN becomes its own lower-case key.
 */
export function dnKey(dn: string): string {
  const rdns = parse(dn);
  if (rdns === null) return foldCase(dn.trim());
  return rdns.map((rdn) => rdn.map(foldAssertion).map(spell).toSorted().join('+')).join(',');
}

/** The first RDN as a person would write it: `CN=Lee, Ann`, escapes undone, type as spelled. Empty for the empty DN. */
export function firstRdn(dn: string): string {
  const first = parse(dn)?.[0] ?? [];
  return first.map(({ type, value }) => `${type}=${value}`).join('+');
}

/** A value as it may stand in a search filter (RFC 4515); bytes become hex pairs. */
export function escapeFilterValue(value: string | Buffer): string {
  return Filter.escape(value);
}

/** Whether `dnKey` names the entry `ancestorKey` or one below it. Both are keys made by {@link dnKey}. */
export function isWithin(key: string, ancestorKey: string): boolean {
  return ancestorKey === '' || key === ancestorKey || key.endsWith(`,${ancestorKey}`);
}

function foldCase(text: string): string {
  // Sigma is the one letter whose lower-case form depends on its neighbours.
  return text.toLowerCase().replaceAll('ς', 'σ');
}

function foldAssertion({ type, value }: Assertion): Assertion {
  const folded = foldCase(type).replace(/^oid\./, '');
  return { type: SHORT_TYPES[folded] ?? folded, value: foldCase(value).replace(/ +/g, ' ').replace(/^ | $/g, '') };
}

function spell({ type, value }: Assertion): string {
  const escaped = value.replace(/[",+;<>\\=]/g, '\\$&').replace(/[\0-\x1f\x7f]/g, hexPair);
  return `${type}=${escaped.startsWith('#') ? `\\${escaped}` : escaped}`;
}

function hexPair(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Takes a DN apart; null when it is none. `;` as separator and quoted values are those of LDAPv2. */
function parse(dn: string): Assertion[][] | null {
  if (dn.trim() === '') return [];
  const rdns: Assertion[][] = [[]];
  let at = 0;
  for (;;) {
    TYPE.lastIndex = at;
    const type = TYPE.exec(dn);
    if (type?.[1] === undefined) return null;
    const parsed = parseValue(dn, TYPE.lastIndex);
    if (parsed === null) return null;
    rdns.at(-1)!.push({ type: type[1], value: parsed.value });
    if (parsed.end >= dn.length) return rdns;
    if (dn[parsed.end] !== '+') rdns.push([]);
    at = parsed.end + 1;
  }
}

const TYPE = / *((?:oid\.)?[a-z0-9][a-z0-9.-]*) *= */iy;
/** A value without escapes, as most are. */
const PLAIN = /(?!["#])[^,;+\\]*(?=[,;+]|$)/y;

/** Reads a value from `start` to the separator at `end`. */
function parseValue(dn: string, start: number): { value: string; end: number } | null {
  PLAIN.lastIndex = start;
  const plain = PLAIN.exec(dn);
  if (plain !== null) return { value: plain[0].replace(/ +$/, ''), end: PLAIN.lastIndex };
  if (dn[start] === '#') return parseHexValue(dn, start);
  const quoted = dn[start] === '"';
  const tokens = quoted ? /\\[0-9a-f]{2}|\\.|[^"\\]/gisuy : /\\[0-9a-f]{2}|\\.|[^,;+\\]/gisuy;
  tokens.lastIndex = quoted ? start + 1 : start;
  const bytes: Buffer[] = [];
  let significant = 0;
  let end = tokens.lastIndex;
  for (let token = tokens.exec(dn); token !== null; token = tokens.exec(dn)) {
    bytes.push(tokenBytes(token[0]));
    if (token[0] !== ' ' || quoted) significant = bytes.length;
    end = tokens.lastIndex;
  }
  if (quoted) {
    const closing = /"\s*(?=[,;+]|$)/y;
    closing.lastIndex = end;
    if (!closing.test(dn)) return null;
    end = closing.lastIndex;
  } else if (end < dn.length && !',;+'.includes(dn[end]!)) {
    return null;
  }
  return { value: decode(Buffer.concat(bytes.slice(0, significant))), end };
}

function tokenBytes(token: string): Buffer {
  if (!token.startsWith('\\')) return Buffer.from(token);
  return token.length === 3 && /^\\[0-9a-f]{2}$/i.test(token)
    ? Buffer.from(token.slice(1), 'hex')
    : Buffer.from(token.slice(1));
}

/** `#04024869`: the value's BER encoding in hex. */
function parseHexValue(dn: string, start: number): { value: string; end: number } | null {
  const match = /^#((?:[0-9a-f]{2})+)\s*(?=[,;+]|$)/i.exec(dn.slice(start));
  if (match?.[1] === undefined) return null;
  const bytes = Buffer.from(match[1], 'hex');
  const isText = TEXT_TAGS.includes(bytes[0]!) && bytes[1] === bytes.length - 2 && bytes[1] < 0x80;
  const value = isText ? decode(bytes.subarray(2)) : `#${match[1].toLowerCase()}`;
  return { value, end: start + match[0].length };
}

/** UTF-8 text, or the bytes in hex where they are none. */
function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : `#${bytes.toString('hex')}`;
}
