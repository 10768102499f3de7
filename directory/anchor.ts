import type { Anchor } from '../model/entry.ts';
import { escapeFilterValue } from './dn.ts';

const UUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/**
 * The canonical UUID of an anchor value: 16 bytes in Microsoft's mixed-endian order (`objectGUID`,
 * `mS-DS-ConsistencyGuid`: the first three groups are little-endian), or UUID text (`entryUUID`). Null when it is neither.
 */
export function anchorOf(value: Buffer): Anchor | null {
  if (value.length === 16) return canonical(reorder(value).toString('hex'));
  return UUID.exec(value.toString('latin1').trim())?.[1]?.toLowerCase() ?? null;
}

/** Filter that finds an attribute holding this anchor as bytes. */
export function binaryFilter(attribute: string, anchor: Anchor): string {
  return `(${attribute}=${escapeFilterValue(anchorBytes(anchor))})`;
}

/** Filter that finds an attribute holding this anchor as UUID text. */
export function textFilter(attribute: string, anchor: Anchor): string {
  return `(${attribute}=${escapeFilterValue(anchor)})`;
}

/** Filter for an attribute of unknown kind: bytes, or text in either case (an attribute may compare exactly). */
export function eitherFilter(attribute: string, anchor: Anchor): string {
  return `(|${binaryFilter(attribute, anchor)}${textFilter(attribute, anchor)}${textFilter(attribute, anchor.toUpperCase())})`;
}

/** The 16 bytes of an anchor in mixed-endian order. */
export function anchorBytes(anchor: Anchor): Buffer {
  return reorder(Buffer.from(anchor.replaceAll('-', ''), 'hex'));
}

/** Turns the first three groups round; its own inverse. */
function reorder(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  return copy;
}

function canonical(hex: string): Anchor {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
