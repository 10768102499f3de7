import { whyOutOfScope, type Inspection } from '../directory/inspect.ts';
import { openDirectory } from '../directory/open.ts';
import { loginAttributes } from '../mapping/read-attributes.ts';
import type { Anchor } from '../model/entry.ts';
import { DirectoryError, RollcallError } from '../model/errors.ts';
import type { NamedBy } from '../model/named-by.ts';
import type { DirectorySettings } from '../model/settings.ts';
import type { Dependencies, RunRef } from './dependencies.ts';
import { unfinishedBefore } from './unfinished-before.ts';

export interface FindPersonInput extends RunRef {
  /** Whom state knows by the name; null: nobody. */
  anchor: Anchor | null;
}

/** Whom a name may mean. */
interface Asked {
  name: NamedBy | null;
  anchor: Anchor | null;
}

/**
 * Finds out whom a run on one person is about and notes the anchor in state. `unfinished`: writes of that person whose
 * outcome is unknown.
 *
 * @throws RollcallError `person.not-found`, `person.ambiguous`; `person.out-of-scope` for somebody out of scope for whom
 *   there is nothing to do
 */
export async function findPerson(dependencies: Dependencies, input: FindPersonInput): Promise<{ unfinished: number }> {
  const { runId, sync } = input;
  const { asked } = dependencies.state;
  const known = await asked.get(runId);
  if ((known?.anchor ?? null) === null) {
    const anchor = await whoIsMeant(dependencies, sync, { name: known?.name ?? null, anchor: input.anchor });
    await asked.answer(runId, sync, anchor);
  }
  return { unfinished: (await unfinishedBefore(dependencies, input)).length };
}

/**
 * Who has the name in the directory and is in scope goes before whom state knows by it: the login of somebody who left
 * may belong to another person now.
 */
async function whoIsMeant(dependencies: Dependencies, sync: string, asked: Asked): Promise<Anchor> {
  const { found, failure } = await lookEverywhere(dependencies, asked);
  const inScope = [...new Set(found.filter((one) => one.inScope).map(({ entry }) => entry.anchor))];
  const [only, ...others] = inScope;
  if (others.length > 0) throw ambiguous(sync, inScope);
  if (only !== undefined) return only;
  const candidates = [...(asked.anchor === null ? [] : [asked.anchor]), ...found.map(({ entry }) => entry.anchor)];
  const links = await dependencies.state.links.byAnchor(sync, [...new Set(candidates)]);
  const linked = candidates.find((anchor) => links.has(anchor));
  if (linked !== undefined) return linked;
  if (failure !== null) throw failure;
  throw found[0] === undefined ? nobody(sync) : outOfScope(sync, found[0]);
}

async function lookEverywhere(
  { settings, mapping }: Dependencies,
  asked: Asked,
): Promise<{ found: Inspection[]; failure: DirectoryError | null }> {
  const found: Inspection[] = [];
  let failure: DirectoryError | null = null;
  for (const directory of settings.directories) {
    try {
      found.push(...(await look(directory, mapping.attributes, loginAttributes(mapping), asked)));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      failure ??= error;
    }
  }
  return { found, failure };
}

async function look(
  settings: DirectorySettings,
  attributes: readonly string[],
  logins: readonly string[],
  { name, anchor }: Asked,
): Promise<Inspection[]> {
  const directory = await openDirectory(settings, { attributes, now: new Date() });
  try {
    return await directory.inspect({
      anchors: anchor === null ? [] : [anchor],
      dn: name?.way === 'dn' ? name.text : null,
      login: name?.way === 'login' ? { value: name.text, attributes: logins } : null,
    });
  } finally {
    await directory.close();
  }
}

function ambiguous(sync: string, anchors: readonly Anchor[]): RollcallError {
  const message = `The name fits ${anchors.length} people of sync ${sync}; name one by anchor: ${anchors.join(', ')}.`;
  return new RollcallError('person.ambiguous', message);
}

function nobody(sync: string): RollcallError {
  const message = `Sync ${sync} knows nobody by that login, mail, DN or anchor in state or directory; check the spelling.`;
  return new RollcallError('person.not-found', message);
}

function outOfScope(sync: string, entry: Inspection): RollcallError {
  const message = `The person is out of scope of sync ${sync} and has no user in Genesys Cloud, so there is nothing to do: ${whyOutOfScope(entry)}; move the entry, or correct bases, filter or exclude.`;
  return new RollcallError('person.out-of-scope', message);
}
