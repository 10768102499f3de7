import { ConfigError, RollcallError, StateError } from '../../model/errors.ts';
import { pc } from '../colours.ts';
import { requireOne } from '../explain/find-person.ts';
import { EXIT } from '../exit.ts';
import { namesOf } from '../ignored-people.ts';
import { say, sayJson } from '../output.ts';
import { actorOf, withSession, type ActingOptions } from '../session.ts';
import { runOnPerson, type ProvisionOptions } from './provision-user.ts';

export interface LinkOptions extends ProvisionOptions {
  reason: string;
}

export interface UnlinkOptions extends ActingOptions {
  reason: string;
}

/** What `unlink --json` prints. */
export interface Unlinked {
  anchor: string;
  userName: string;
  genesysId: string;
  /** False where a `link` was taken back before any run had carried it out. */
  wasLinked: boolean;
}

/** `link`: a run on one person that takes over the Genesys user named, whatever the table of identity would say. */
export function link(options: LinkOptions, person: string, user: string): Promise<number> {
  requireReason('link', options.reason);
  return runOnPerson(options, person, { user: user.trim(), reason: options.reason });
}

/** `unlink`: forgets a person's link; nothing is sent to Genesys Cloud. */
export function unlink(options: UnlinkOptions, person: string): Promise<number> {
  requireReason('unlink', options.reason);
  return withSession(options, async (session) => {
    const sync = session.settings.name;
    const { anchor, userName, displayName, dn } = await requireOne(session, person);
    const one = { anchor, userName, displayName, dn };
    const { ties } = await session.state();
    const untied = await ties.untie(sync, one, { reason: options.reason, actor: actorOf(options) });
    if (untied === 'busy') {
      throw new StateError('state.busy', 'A change of this person is being written; try again when it is done.');
    }
    if (untied === 'none') {
      const message = 'The person is linked to no Genesys user, so there is nothing to unlink.';
      throw new RollcallError('identity.linked', message);
    }
    const wasLinked = untied.link !== null;
    const { genesysId } = untied;
    if (options.json === true) sayJson({ anchor, userName, genesysId, wasLinked } satisfies Unlinked);
    else say(`${pc.bold(namesOf(one))} ${wasLinked ? effect(genesysId) : takenBack(genesysId)}`);
    return EXIT.done;
  });
}

function effect(genesysId: string): string {
  return `is linked to the Genesys user ${genesysId} no longer. That user stays as he is, and Rollcall manages him no more: he keeps his access whatever becomes of the person. The next full run takes him over again as long as he carries the person's external id; else it decides as for anybody new, which may create a second user. \`link\` names another one.`;
}

function takenBack(genesysId: string): string {
  return `was to be linked to the Genesys user ${genesysId}; that is taken back.`;
}

function requireReason(command: string, reason: string): void {
  if (reason.trim() === '') throw new ConfigError(`The command ${command} needs a reason; give one with --reason.`);
}
