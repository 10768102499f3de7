import { ConfigError } from '../../model/errors.ts';
import { pc } from '../colours.ts';
import { requireOne } from '../explain/find-person.ts';
import { EXIT } from '../exit.ts';
import { namesOf } from '../ignored-people.ts';
import { ignoredUntil, type Expiry } from '../ignore-expiry.ts';
import { say, sayJson } from '../output.ts';
import { actorOf, withSession, type ActingOptions } from '../session.ts';

export interface IgnoreOptions extends ActingOptions, Expiry {
  reason: string;
}

export interface ReleaseOptions extends ActingOptions {
  reason?: string;
}

/** `ignore`: runs planned from now on leave a person alone until the given time; a leaver leaves all the same. */
export function ignore(options: IgnoreOptions, person: string): Promise<number> {
  const until = ignoredUntil(options, new Date());
  if (options.reason.trim() === '') throw new ConfigError('An ignore needs a reason; give one with --reason.');
  return withSession(options, async (session) => {
    const one = await requireOne(session, person);
    const { ignores } = await session.state();
    const word = { until, reason: options.reason, actor: actorOf(options) };
    const said = await ignores.ignore(session.settings.name, one, word);
    if (options.json === true) sayJson(said);
    else say(`${pc.bold(namesOf(said))} is ignored until ${said.until}. ${effect(said)}`);
    return EXIT.done;
  });
}

function effect({ parkedKind }: { parkedKind: string | null }): string {
  if (parkedKind === 'deactivate') return 'His parked deactivation waits too; `release` ends that.';
  const left = parkedKind === null ? 'Runs leave him alone' : `His parked ${parkedKind} is left alone`;
  return `${left}, but should he leave he is deactivated; \`release\` ends that.`;
}

/** `release`: ends an ignore, and makes a parked person due at once. Does nothing for anybody else. */
export function release(options: ReleaseOptions, person: string): Promise<number> {
  return withSession(options, async (session) => {
    const { anchor, userName, displayName, dn } = await requireOne(session, person);
    const one = { anchor, userName, displayName, dn };
    const { ignores } = await session.state();
    const word = { actor: actorOf(options), reason: options.reason ?? null };
    const released = await ignores.release(session.settings.name, one, word);
    if (options.json === true) sayJson({ anchor, userName, ...released });
    else say(sentence(namesOf(one), released));
    return EXIT.done;
  });
}

function sentence(name: string, { ignoreEnded, due }: { ignoreEnded: boolean; due: string | null }): string {
  if (due !== null) {
    const ended = ignoreEnded ? 'is ignored no longer; the' : 'is let go: the';
    return `${pc.bold(name)} ${ended} parked ${due} is due at once, so that the next run of any mode tries it.`;
  }
  if (ignoreEnded) return `${pc.bold(name)} is ignored no longer; nothing is parked.`;
  return `${pc.bold(name)} is neither ignored nor parked; there is nothing to release.`;
}
