import { dnKey } from '../../directory/dn.ts';
import { RollcallError } from '../../model/errors.ts';
import type { NamedBy } from '../../model/named-by.ts';
import type { KnownPerson, PersonName } from '../../state/people.ts';
import type { Session } from '../session.ts';

const UUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
/** The first attribute type of a DN; no login and no mail address begins so. */
const DN = /^\s*(?:oid\.)?[a-z0-9][a-z0-9.-]*\s*=/i;

/** The one place that tells the ways of naming apart. An anchor or Genesys id is a UUID, a DN begins with `type=`, everything else is a login or a mail address. */
export function namedBy(text: string): NamedBy {
  const id = UUID.exec(text.trim())?.[1];
  if (id !== undefined) return { way: 'id', text: id.toLowerCase() };
  return { way: DN.test(text) ? 'dn' : 'login', text: text.trim() };
}

/** Whom state knows by that name, the surest first. */
export async function findKnown({ settings, state }: Session, { way, text }: NamedBy): Promise<KnownPerson[]> {
  const names: Record<NamedBy['way'], PersonName> = {
    id: { id: text },
    dn: { dnKey: dnKey(text) },
    login: { login: text },
  };
  return (await state()).people.find(settings.name, names[way]);
}

/** The same for commands that need somebody. */
export async function requireKnown(session: Session, text: string): Promise<KnownPerson[]> {
  const known = await findKnown(session, namedBy(text));
  if (known.length > 0) return known;
  throw nobody(session, 'in its state');
}

/**
 * The one person whom a command is to act on. Nobody acts on the likeliest of several.
 * @throws RollcallError `person.not-found`, `person.ambiguous`
 */
export async function requireOne(session: Session, text: string): Promise<KnownPerson> {
  const [one, ...others] = await requireKnown(session, text);
  if (one !== undefined && others.length === 0) return one;
  const message = `The name fits ${others.length + 1} people of sync ${session.settings.name}; name the one you mean by anchor, which \`explain\` shows for each.`;
  throw new RollcallError('person.ambiguous', message);
}

export function nobody({ settings }: Session, where: string): RollcallError {
  const message = `Sync ${settings.name} knows nobody by that login, mail, DN or anchor ${where}; check the spelling.`;
  return new RollcallError('person.not-found', message);
}
