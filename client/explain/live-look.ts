import { dnKey } from '../../directory/dn.ts';
import type { Inspection } from '../../directory/inspect.ts';
import { openDirectory, type Directory } from '../../directory/open.ts';
import { compileMapping } from '../../mapping/compile.ts';
import { mapEntry } from '../../mapping/map-entry.ts';
import type { Mapped, Mapping } from '../../mapping/mapping.ts';
import { loginAttributes } from '../../mapping/read-attributes.ts';
import type { Anchor, Entry } from '../../model/entry.ts';
import { RollcallError } from '../../model/errors.ts';
import { PROFILES } from '../../model/profile.ts';
import type { NamedBy } from '../../model/named-by.ts';
import type { DirectorySettings } from '../../model/settings.ts';
import type { Session } from '../session.ts';

/** An entry as it is in the directory now, judged by every rule of the scope and mapped. */
export type LiveEntry = Inspection & { mapped: Mapped };

/** What one directory says about a name. */
export interface LiveLook {
  directory: string;
  /** Why it could not be asked, as one sentence; null when it could. */
  error: string | null;
  entries: LiveEntry[];
}

/** Asks every directory for entries with the name or one of the anchors, in scope or not. Changes nothing. */
export async function lookEverywhere(session: Session, name: NamedBy, anchors: Anchor[]): Promise<LiveLook[]> {
  const mapping = compileMapping(session.settings.mapping);
  const looks: LiveLook[] = [];
  for (const settings of session.settings.directories) {
    looks.push(await look(session, settings, mapping, { name, anchors }));
  }
  return looks;
}

interface Asked {
  name: NamedBy;
  anchors: Anchor[];
}

async function look(session: Session, settings: DirectorySettings, mapping: Mapping, asked: Asked): Promise<LiveLook> {
  try {
    const options = { attributes: mapping.attributes, now: new Date() };
    const directory = await openDirectory(settings, options);
    try {
      const found = await inspectAll(directory, mapping, asked);
      return { directory: settings.name, error: null, entries: await mapAll(session, mapping, found) };
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { directory: settings.name, error: error.message, entries: [] };
  }
}

async function inspectAll(directory: Directory, mapping: Mapping, { name, anchors }: Asked): Promise<Inspection[]> {
  const { way, text } = name;
  const wanted = [...new Set([...anchors, ...(way === 'id' ? [text] : [])])];
  const found = await directory.inspect({
    anchors: wanted,
    dn: way === 'dn' ? text : null,
    login: way === 'login' ? { value: text, attributes: loginAttributes(mapping) } : null,
  });
  const missing = anchors.filter((anchor) => !found.some(({ entry }) => entry.anchor === anchor));
  // Throws where the account's rights are too small to tell that somebody is gone.
  if (missing.length > 0) await directory.lookup(missing);
  return found;
}

async function mapAll(session: Session, mapping: Mapping, found: Inspection[]): Promise<LiveEntry[]> {
  const entries = found.map(({ entry }) => entry);
  const anchors = await peopleReferredTo(session, mapping, entries);
  const { defaultRegion, target } = session.settings;
  const context = {
    defaultRegion,
    addressLogins: PROFILES[target.profile].addressLogins,
    grantableRoles: target.grantableRoles,
    now: new Date(),
    anchorOf: (dn: string) => anchors.get(dnKey(dn)),
  };
  return found.map((inspection) => ({ ...inspection, mapped: mapEntry(mapping, inspection.entry, context) }));
}

/** Managers as the last complete read knew them. */
async function peopleReferredTo(
  { settings, state }: Session,
  mapping: Mapping,
  entries: Entry[],
): Promise<Map<string, Anchor>> {
  const dns = entries.flatMap((entry) => mapping.references.flatMap((name) => entry.attributes[name] ?? []));
  const store = await state();
  const last = await store.runs.lastComplete(settings.name, ['full', 'delta'], { dryRuns: true });
  if (last === null || dns.length === 0) return new Map();
  return store.staging.anchorsByDn(settings.name, last.runId, null, [...new Set(dns.map(dnKey))]);
}
