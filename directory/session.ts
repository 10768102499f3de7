import { AndFilter, type Filter, OrFilter } from 'ldapts';
import type { Anchor } from '../model/entry.ts';
import { DirectoryError, type ErrorCode } from '../model/errors.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { anchorOf, eitherFilter } from './anchor.ts';
import type { RawAttributes } from './attributes.ts';
import type { Connection } from './connection.ts';
import { directoryError } from './failures.ts';
import { parseFilter } from './filter.ts';
import type { RootDse, Vendor } from './vendors.ts';

/** A bound connection with all that its searches need. */
export interface Session {
  connection: Connection;
  settings: DirectorySettings;
  vendor: Vendor;
  rootDse: RootDse;
  /** Within what `uSNChanged` counts: the controller's invocation id; empty elsewhere. */
  invocation: string;
  /** The url in use. */
  server: string;
  /** Attributes that entries shall carry. */
  attributes: readonly string[];
  /** True for a sweep: entries come without their provenance. */
  light: boolean;
  /** The moment for which `enabled` is decided. */
  now: Date;
}

/** The ids an entry answers to. */
export interface Identity {
  anchor: Anchor;
  /** The vendor's own id; differs from `anchor` where the configured attribute gives that. */
  own: Anchor;
}

/**
 * The anchor of an entry: the configured attribute's where the entry has it, else the vendor's own.
 * @throws DirectoryError when the vendor's own is hidden, or the configured one is no UUID
 */
export function identify(raw: RawAttributes, session: Session): Identity {
  const { vendor, settings } = session;
  const own = anchorIn(raw, vendor.anchorAttribute);
  if (own === null) {
    throw failure(
      session,
      'directory.refused',
      `an entry came without ${vendor.anchorAttribute}; grant the bind account the right to read that attribute (or, where the server has none, set anchor to one that holds UUIDs)`,
    );
  }
  const configured = settings.anchor === null ? undefined : raw.get(settings.anchor.toLowerCase());
  if (settings.anchor === null || configured === undefined || configured.length === 0) return { anchor: own, own };
  const anchor = anchorIn(raw, settings.anchor);
  if (anchor === null) {
    throw failure(
      session,
      'directory.unsupported',
      `the entry with ${vendor.anchorAttribute} ${own} holds no UUID in ${settings.anchor}; correct its value or take out anchor`,
    );
  }
  return { anchor, own };
}

function anchorIn(raw: RawAttributes, attribute: string): Anchor | null {
  const value = raw.get(attribute.toLowerCase())?.[0];
  return value === undefined ? null : anchorOf(value);
}

/** Attributes that {@link identify} reads. */
export function anchorAttributes({ vendor, settings }: Session): string[] {
  return settings.anchor === null ? [vendor.anchorAttribute] : [vendor.anchorAttribute, settings.anchor];
}

/** People in scope: the vendor's user filter and the configured one. */
export function scopeFilter({ vendor, settings }: Session): Filter {
  const filters = [vendor.userFilter, ...(settings.filter === null ? [] : [settings.filter])];
  return new AndFilter({ filters: filters.map(parseFilter) });
}

/** Entries that have any of these anchors, in either attribute that may hold one. */
export function anchorsFilter(anchors: Anchor[], { vendor, settings }: Session): Filter {
  const { anchor: attribute } = settings;
  const filters = anchors.flatMap((anchor) => [
    vendor.anchorFilter(anchor),
    ...(attribute === null ? [] : [eitherFilter(attribute, anchor)]),
  ]);
  return new OrFilter({ filters: filters.map(parseFilter) });
}

/** Anchors that go into one filter: servers bound a filter's size. */
const ANCHORS_A_SEARCH = 50;

export function anchorChunks(anchors: Anchor[]): Anchor[][] {
  const chunks: Anchor[][] = [];
  for (let at = 0; at < anchors.length; at += ANCHORS_A_SEARCH) chunks.push(anchors.slice(at, at + ANCHORS_A_SEARCH));
  return chunks;
}

/** What to throw for an error of a search: the signal's reason when it fired, else one sentence. */
export function searchFailure(
  error: unknown,
  session: Session,
  base: string,
  signal: AbortSignal | undefined,
): unknown {
  if (signal?.aborted === true) return signal.reason;
  return directoryError(error, { directory: session.settings.name, server: session.server, phase: 'read', base });
}

/** An error of our own finding; `text` is the sentence after the directory's name, without its full stop. */
export function failure(session: Session, code: ErrorCode, text: string): DirectoryError {
  return new DirectoryError(code, `Directory ${session.settings.name} (${session.server}): ${text}.`);
}
